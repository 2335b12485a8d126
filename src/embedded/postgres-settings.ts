/** Suit a machine with two cores and some memory to spare that shares it with the program itself. */
export const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // A socket's path is limited to 107 characters, and our folder may lie anywhere.
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '256MB',
  // Nobody replicates an embedded database, so bulk loads need not be written twice.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '2GB',
  // A page is written whole when it is first changed after a checkpoint, by VACUUM too. lz4 is not built in.
  wal_compression: 'pglz',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  // Compiling takes longer than any of our statements run.
  jit: 'off',
  TimeZone: 'UTC',
  log_timezone: 'UTC',
  // A failed statement is reported to the program that sent it. In the server's log its text and its values would
  // show telephone numbers.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};
