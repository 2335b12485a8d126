import { useState } from 'react';
import { useNavigation } from './navigation.js';

/** Says the name of each page one comes to, to those who don't see it. */
export function Announcer() {
  const [title, setTitle] = useState('');
  useNavigation(setTitle);
  return (
    <p className="visually-hidden" role="status">
      {title}
    </p>
  );
}
