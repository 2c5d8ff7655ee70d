import { Html, html, icon } from '@cairn/datanode/web'

/** What every page says around its content. */
export interface Page {
  readonly title: string
  readonly section: 'overview' | 'browse' | 'none'
  /** `hdfs://host:port` */
  readonly url: string
  readonly body: Html
  /** Seconds after which the browser loads the page anew. */
  readonly refreshSeconds?: number
}

/** The whole document. */
export function layout({ title, section, url, body, refreshSeconds }: Page): string {
  const link = (name: Page['section'], href: string, text: string): Html =>
    name === section
      ? html`<a href="${href}" aria-current="page">${text}</a>`
      : html`<a href="${href}">${text}</a>`
  const refresh =
    refreshSeconds === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshSeconds}">`
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${refresh}
<title>${title} · Cairn</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header><div>
<a class="brand" href="/">${new Html(icon)}Cairn</a>
<nav>${link('overview', '/', 'Overview')} ${link('browse', '/browse/', 'Files')}</nav>
<code>${url}</code>
</div></header>
<main>
${body}
</main>
<footer><a href="/metrics">Metrics</a> · <a href="/api/status">Status as JSON</a> · times are UTC</footer>
</body>
</html>
`.text
}
