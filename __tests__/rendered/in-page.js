// Runs in the browser, beside the article of a report. Everything is told as plain data.
globalThis.inPage = (() => {
  const article = () => document.querySelector('article')
  /** What scrolls in itself on GitHub. */
  const scrollers = 'pre, table, .diagram'
  const rawMarkup =
    /\*\*|```|<\/?(?:details|summary|sub|code|b|br)\b|\|\s*---|&(?:lt|gt|amp|quot|#\d+);|\]\(|^#{1,6} |~~|<!--/m

  function label(element) {
    return `<${element.tagName.toLowerCase()}> ${(element.textContent ?? '').trim().slice(0, 60)}`
  }

  /** Whether something is wider than the page, or is shown outside of the article. */
  function overflows() {
    const { scrollWidth, clientWidth } = article()
    const page = document.documentElement
    const found = []
    if (scrollWidth > clientWidth) found.push(`the article is ${scrollWidth} wide in ${clientWidth}`)
    if (page.scrollWidth > page.clientWidth) found.push(`the page is ${page.scrollWidth} wide in ${page.clientWidth}`)
    const edge = article().getBoundingClientRect().right + 0.5
    for (const element of article().querySelectorAll('*')) {
      if (element.parentElement.closest(scrollers)) continue
      const { right, width } = element.getBoundingClientRect()
      if (width > 0 && right > edge) found.push(`${Math.round(right - edge)} px outside: ${label(element)}`)
    }
    return found
  }

  /** The part of the page that holds the article. */
  function box() {
    const { x, y, width, height } = document.querySelector('.box').getBoundingClientRect()
    return { x: x + scrollX, y: y + scrollY, width, height }
  }

  /** Tables of which only a part is seen. */
  function cutTables() {
    const tables = [...article().querySelectorAll('table')].filter((one) => one.scrollWidth > one.clientWidth + 1)
    return tables.map((one) => `is cut off: ${label(one)}`)
  }

  /** Text of Markdown or HTML that should have become something. */
  function markup() {
    const walker = document.createTreeWalker(article(), NodeFilter.SHOW_TEXT)
    const found = []
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode
      const isCode = parentElement.closest('code, pre') !== null
      const sign = isCode ? /```|&(?:lt|gt|amp);/ : rawMarkup
      if (sign.test(data)) found.push(`raw markup: ${data.trim().slice(0, 80)}`)
    }
    return found
  }

  /** Opens each folded part as a person does; tells those that stay closed or have nothing in them. */
  function open() {
    return [...article().querySelectorAll('details')].flatMap((part) => {
      if (!part.open) part.querySelector(':scope > summary')?.click()
      const rest = part.getBoundingClientRect().height - (part.querySelector('summary')?.offsetHeight ?? 0)
      return part.open && rest > 10 ? [] : [`cannot be opened: ${label(part)}`]
    })
  }

  function close() {
    for (const part of article().querySelectorAll('details')) part.open = false
  }

  /** Where the paragraph or block of commands that says what to do ends, in pixels from the top; null without one. */
  function nextEnds() {
    const next = [...article().querySelectorAll('p')].find((one) => one.textContent.startsWith('Next:'))
    if (next === undefined) return null
    const commands = next.nextElementSibling
    const last = commands?.matches('pre, div:has(> pre)') ? commands : next
    return Math.round(last.getBoundingClientRect().bottom + scrollY)
  }

  /** Diagrams as GitHub draws them, in place of their code. */
  async function draw(theme) {
    mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme, suppressErrorRendering: true })
    const problems = []
    for (const [index, code] of [...document.querySelectorAll('pre > code.language-mermaid')].entries()) {
      const place = code.parentElement
      const next = place.nextElementSibling
      const diagram = next?.matches('.diagram') ? next : document.createElement('div')
      diagram.className = 'diagram'
      place.after(diagram)
      place.hidden = true
      // A folded part has no size: mermaid measures what it draws.
      const folded = [...document.querySelectorAll('details:not([open])')].filter((part) => part.contains(code))
      for (const part of folded) part.open = true
      try {
        diagram.innerHTML = (await mermaid.render(`diagram-${index}`, code.textContent)).svg
        if (!diagram.querySelector('svg')) problems.push('a diagram without a picture')
        if (/syntax error/i.test(diagram.textContent)) problems.push('a diagram with a syntax error')
      } catch (error) {
        problems.push(`a diagram cannot be drawn: ${String(error).slice(0, 200)}`)
      }
      for (const part of folded) part.open = false
    }
    return problems
  }

  /** The pieces of text in which GitHub looks for references: not in code, not in links. */
  function prose(element = article()) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT)
    const found = []
    while (walker.nextNode()) {
      const { data, parentElement } = walker.currentNode
      if (parentElement.closest('code, pre, a') === null && data.trim() !== '') found.push(data)
    }
    return found
  }

  /** The elements that can do something, with what they do. */
  function active(element) {
    const found = [
      ...element.querySelectorAll('a, img, picture, source, svg, input, form, script, style, iframe, video'),
    ]
    return found.map((one) => `${one.localName} ${one.getAttribute('href') ?? one.getAttribute('src') ?? ''}`.trim())
  }

  const inline = 'a, b, br, code, em, strong, sub'

  /** The blocks of a report in their order, without their text: `h3 p pre details(summary p pre)`. */
  function structure(element) {
    const blocks = [...element.children].filter((one) => !one.matches(inline) || one.matches('sub'))
    return blocks
      .map((one) =>
        one.children.length > 0 && !one.matches('pre') ? `${one.localName}(${structure(one)})` : one.localName,
      )
      .join(' ')
      .replaceAll('()', '')
  }

  /** Our own words of what follows: what is stressed in a paragraph, and the start of what is folded. */
  function titles(element) {
    return [...element.querySelectorAll('p > strong, summary, th')].map(
      (one) => one.firstChild?.data?.split(' ', 2).join(' ') ?? '',
    )
  }

  /** Each report of a page with several. */
  function reports() {
    return [...article().querySelectorAll(':scope > .report')].map((one) => ({
      prose: prose(one),
      active: active(one),
      structure: structure(one),
      titles: titles(one),
    }))
  }

  return { box, overflows, cutTables, markup, open, close, nextEnds, draw, prose, reports }
})()
