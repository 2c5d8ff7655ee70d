// Toolchains of Petrichor's other languages: what is where, and how each is built. Nothing here is for shipping.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './build.mjs'

export const petrichor = join(root, 'petrichor')
const cache = join(root, '.cache', 'petrichor')

/** Runs a program to its end; its failure is this one's. */
export function run(command, args, options = {}) {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (done.error !== undefined) throw new Error(`cannot run ${command}: ${done.error.message}`)
  if (done.status !== 0)
    throw new Error(`${command} ${args.join(' ')}: ended with ${done.status ?? done.signal}`)
  return done
}

/** A Python with what the tests need, in a folder of its own. */
export function python() {
  const program = join(cache, 'python', 'bin', 'python')
  if (!existsSync(program)) {
    mkdirSync(cache, { recursive: true })
    run('python3', ['-m', 'venv', join(cache, 'python')])
    const packages = ['pytest==9.2.0', 'mypy==2.4.1', 'tnetstring3==0.4.0']
    run(program, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages])
  }
  return program
}

/** Builds petrichor/c with a compiler and CMake's options; answers the folder of its programs. */
export function buildC(compiler = 'gcc', options = []) {
  const folder = join(cache, ['c', compiler, ...options.map((o) => o.replace(/\W+/g, '-'))].join('-'))
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }
  run(
    'cmake',
    ['-S', join(petrichor, 'c'), '-B', folder, `-DCMAKE_C_COMPILER=${compiler}`, ...options],
    quiet,
  )
  run('cmake', ['--build', folder, '--parallel', '2'], quiet)
  return folder
}
