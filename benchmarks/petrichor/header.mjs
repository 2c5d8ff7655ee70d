/** The header of every message: six fields, as a program would have them. */
export const header = {
  user: 'zed',
  ident: '0123456789abcdef0123456789abcdef',
  version: '0.1',
  number: 12345,
  urgent: true,
  path: '/var/log/messages',
}
