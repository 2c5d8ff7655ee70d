export { BoundedQueue, type WhenFull } from './bounded-queue.ts'
