/**
 * Runs `work` on every item, at most `limit` at once, and resolves when all are done. The first rejection stops new
 * items from being taken; it is thrown when those under way have ended.
 */
export async function runPool<T>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let failure: { error: unknown } | undefined
  // One turn at the iterator after another: a generator must not be asked twice at once.
  let turn: Promise<unknown> = Promise.resolve()
  const take = (): Promise<IteratorResult<T>> => {
    const next = turn.then(() => iterator.next())
    turn = next.catch(() => {})
    return next
  }
  const worker = async () => {
    while (failure === undefined) {
      try {
        const { done, value } = await take()
        if (done || failure !== undefined) return
        await work(value)
      } catch (error) {
        failure ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, limit) }, worker))
  if (failure !== undefined) throw (failure as { error: unknown }).error
}
