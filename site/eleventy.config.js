// The website out of what the repository has: markdown stays where it is read on its own, and is laid out here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { documents, render, root, searchEntries } from './documents.js'

export default function configure(config) {
  config.addPassthroughCopy({ assets: 'assets' })
  for (const name of ['tnetstrings']) {
    // The package as it is published: modules that a browser loads without a build.
    config.addPassthroughCopy(
      { [join(root, 'packages', name, 'dist')]: `js/${name}` },
      {
        filter: (path) => !/\.test\.|\.map$|\.d\.ts$|testing|tsbuildinfo/.test(path),
      },
    )
  }
  config.addGlobalData('documents', documents)
  config.addGlobalData('vectors', () =>
    JSON.parse(readFileSync(join(root, 'petrichor', 'vectors', 'petrichor.json'), 'utf8')),
  )
  config.addGlobalData('sections', () => {
    const sections = new Map()
    for (const document of documents) {
      if (document.hidden) continue
      const list = sections.get(document.section) ?? []
      list.push(document)
      sections.set(document.section, list)
    }
    return [...sections].map(([title, list]) => ({ title, list }))
  })
  config.addFilter('document', render)
  config.addFilter('toRoot', (url) => '../'.repeat(url.split('/').filter(Boolean).length) || './')
  config.addFilter('searchIndex', () => JSON.stringify(searchEntries()))
  return { dir: { input: 'pages', output: '_site', includes: '../layouts' }, templateFormats: ['njk'] }
}
