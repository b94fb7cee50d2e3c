import * as rotation from '../identity/rotation_operations.ts';
import { route } from './route.ts';

export const rotationRoutes = [
  route(
    'GET',
    '/encryption-key',
    rotation.encryptionKeyStatus,
    'Which encryption key seals, and what needs older ones',
  ),
  route('POST', '/encryption-key/rotate', rotation.rotateEncryptionKey, 'Let another encryption key seal', {
    errors: ['invalid_state'],
  }),
  route('GET', '/password-pepper', rotation.pepperStatus, 'Which pepper goes into hashes, and what needs older ones'),
  route('POST', '/password-pepper/rotate', rotation.rotatePepper, 'Let another pepper go into hashes', {
    errors: ['invalid_state'],
  }),
  route('POST', '/password-pepper/drop-older', rotation.dropOlderPeppers, 'Forget peppers that no hash needs', {
    errors: ['invalid_state'],
  }),
  route('POST', '/database-password/rotate', rotation.rotateDatabasePassword, 'Give the database other passwords', {
    errors: ['invalid_state'],
  }),
];
