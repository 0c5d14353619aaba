// Words that are drawn over other words, two by two: each line of a text is a box, as far as it is seen.
() => {
  const floats = (it) => it && (['fixed', 'sticky'].includes(getComputedStyle(it).position) || floats(it.parentElement))
  const seen = (it, box) => {
    let {left, right, top, bottom} = box
    for (; it && it !== document.body; it = it.parentElement) {
      if (getComputedStyle(it).overflow === 'visible') continue
      const within = it.getBoundingClientRect()
      left = Math.max(left, within.left), right = Math.min(right, within.right)
      top = Math.max(top, within.top), bottom = Math.min(bottom, within.bottom)
    }
    return {left, right, top, bottom}
  }
  const boxes = [], range = document.createRange()
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (words.nextNode()) {
    const text = words.currentNode, it = text.parentElement
    const drawn = it.checkVisibility({opacityProperty: true, visibilityProperty: true})
    if (!text.data.trim() || !drawn || it.closest('select, textarea, script, style') || floats(it)) continue
    range.selectNodeContents(text)
    for (const box of range.getClientRects()) boxes.push({text, ...seen(it, box)})
  }
  const over = (a, b) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left)
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
    return a.text !== b.text && wide > 2 && high > 0.4 * Math.min(a.bottom - a.top, b.bottom - b.top)  // tall letters may touch
  }
  const short = ({text}) => text.data.trim().slice(0, 30)
  return boxes.flatMap((a, n) => boxes.slice(n + 1).filter((b) => over(a, b)).map((b) => `${short(a)} over ${short(b)}`))
}
