/** Taking away what a failed copy left may itself fail or hang, as when the cluster is gone; it gets this long. */
const cleanUpMs = 5_000

/** Runs `work` for a while and forgets what it throws: the error that made it necessary is the one to tell. */
export async function cleanUp(work: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, cleanUpMs)
  })
  const ignoreSecondError = () => {}
  await Promise.race([work().catch(ignoreSecondError), late])
  clearTimeout(timer)
}
