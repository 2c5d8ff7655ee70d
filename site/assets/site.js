// Search over headings, and the language that code blocks show.
const base = document.body.dataset.base
const search = document.getElementById('search')
const found = document.getElementById('found')
let entries

async function update() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean)
  found.replaceChildren()
  found.hidden = words.length === 0
  if (words.length === 0) return
  entries ??= await (await fetch(`${base}assets/search.json`)).json()
  const hits = entries.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)))
  for (const { title, at } of hits.slice(0, 12)) {
    const link = Object.assign(document.createElement('a'), { href: base + at, textContent: title })
    const item = document.createElement('li')
    item.append(link)
    found.append(item)
  }
  if (hits.length === 0)
    found.append(Object.assign(document.createElement('li'), { textContent: 'Nothing found' }))
}
search.addEventListener('input', update)
search.addEventListener('keydown', (event) => {
  if (event.key === 'Enter') found.querySelector('a')?.click()
  if (event.key === 'Escape') {
    search.value = ''
    update()
  }
})

const names = { typescript: 'TypeScript', python: 'Python', c: 'C', all: 'Side by side' }
function choose(language) {
  document.body.dataset.language = language
  localStorage.setItem('language', language)
  for (const button of document.querySelectorAll('.choice button')) {
    button.setAttribute('aria-pressed', String(button.dataset.language === language))
  }
}
for (const group of document.querySelectorAll('.languages')) {
  const choice = Object.assign(document.createElement('div'), { className: 'choice' })
  for (const [language, name] of Object.entries(names)) {
    const button = Object.assign(document.createElement('button'), { type: 'button', textContent: name })
    button.dataset.language = language
    button.addEventListener('click', () => {
      // The page's other blocks change their height, too: this one stays where it is.
      const before = choice.getBoundingClientRect().top
      choose(language)
      scrollBy(0, choice.getBoundingClientRect().top - before)
    })
    choice.append(button)
  }
  group.prepend(choice)
}
const remembered = localStorage.getItem('language')
choose(remembered in names ? remembered : matchMedia('(min-width: 90rem)').matches ? 'all' : 'typescript')

// On wide screens the contents are a column of their own, which is always open.
const contents = document.querySelector('.contents')
const isWide = matchMedia('(min-width: 60rem)')
const unfold = () => {
  contents.open = isWide.matches
}
isWide.addEventListener('change', unfold)
unfold()
