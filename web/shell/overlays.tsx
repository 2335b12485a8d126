import { Notifications } from '@mantine/notifications';
import { Palette } from './palette.js';

/** What lies over a page. */
export default function Overlays() {
  return (
    <>
      <Notifications position="bottom-right" />
      <Palette />
    </>
  );
}
