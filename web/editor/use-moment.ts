import { useFormat } from '../ui/format.js';
import { useEditorForm } from './editing.js';

/** A moment by the clock that the form's times are written by. */
export function useMoment(): (at: string | number) => string {
  const { zone } = useEditorForm().values;
  const { moment } = useFormat();
  return (at) => moment(at, zone);
}
