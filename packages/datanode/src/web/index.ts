export { escapeHtml, Html, type HtmlValue, html } from './html.ts'
export { icon, styleSheet } from './style.ts'
export { formatBytes, formatMode, formatSpan, formatTime } from './text.ts'
