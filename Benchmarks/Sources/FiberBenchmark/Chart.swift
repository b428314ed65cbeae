/// Bars of the ratios of each case, as an SVG document that is readable on light and dark pages.
struct Chart {
  private static let width = 900.0
  private static let left = 252.0
  /// Where the bars of `largest` end; numbers stand behind.
  private static let right = 710.0
  /// The ratio at the end of the scale. A longer bar is cut there, and its number says what it is.
  private static let largest = 2.0
  private static let rowHeight = 22.0

  private var svg = SVG()
  private var y = 40.0

  init(_ report: Report) {
    svg.text("Time beside the reference of each case: shorter is faster", x: 16, y: 30, class: "title")
    y += 14
    svg.text(
      "Coloured bars are this package's, or walks from its fibers; grey ones what they are held beside.", x: 16, y: y,
      class: "note")
    for result in report.cases {
      draw(result)
    }
    y += 16
    for line in report.machine.text.split(separator: "\n") {
      y += 18
      svg.text(String(line), x: 16, y: y, class: "note")
    }
    y += 18
    svg.text(
      "Medians of \(report.processes) processes for each pair, \(report.rounds) slices each; a thin line is the range of the "
        + "processes.", x: 16, y: y, class: "note")
    y += 16
  }

  private mutating func draw(_ result: CaseResult) {
    guard let reference = result.references.first else { return }
    y += 34
    svg.text(result.title, x: 16, y: y, class: "heading")
    y += 20
    let one = x(1)
    svg.text("\(reference) = 1", x: one, y: y, class: "axis")
    let top = y + 4
    y += 8
    svg.line(
      from: (one, top), to: (one, top + Double(result.contenders.count) * Chart.rowHeight + 4), class: "one")
    for contender in result.contenders {
      draw(contender)
      y += Chart.rowHeight
    }
  }

  private mutating func draw(_ contender: ContenderResult) {
    guard let ratio = contender.ratios.first?.ratio else { return }
    let middle = y + Chart.rowHeight / 2
    svg.text(contender.name, x: Chart.left - 8, y: middle + 4, class: "label")
    let isCut = ratio.median > Chart.largest
    let end = x(ratio.median)
    svg.rectangle(
      x: Chart.left, y: y + 4, width: end - Chart.left, height: Chart.rowHeight - 8,
      class: contender.isOurs ? "ours" : "peer")
    if isCut {
      // Two gaps: the bar is longer than the chart.
      for offset in [14.0, 22.0] {
        svg.line(from: (end - offset, y + Chart.rowHeight - 2), to: (end - offset + 6, y + 2), class: "cut")
      }
    } else {
      svg.line(from: (x(ratio.least), middle), to: (x(ratio.most), middle), class: "range")
    }
    let after = max(end, isCut ? end : x(ratio.most)) + 8
    svg.text("\(decimal(ratio.median)) ×", x: after, y: middle + 4, class: "number")
    svg.text(duration(contender.time.median), x: after + 62, y: middle + 4, class: "time")
  }

  private func x(_ ratio: Double) -> Double {
    Chart.left + min(ratio, Chart.largest) / Chart.largest * (Chart.right - Chart.left)
  }

  /// "4.36 ns", "28.3 µs"
  private func duration(_ nanoseconds: Double) -> String {
    nanoseconds < 1_000 ? "\(decimal(nanoseconds)) ns" : "\(decimal(nanoseconds / 1_000)) µs"
  }

  var text: String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" width="\(decimal(Chart.width))" height="\(decimal(y))" \
    viewBox="0 0 \(decimal(Chart.width)) \(decimal(y))" role="img">
    <title>Fibers beside their peers: ratios of times</title>
    <style>
    svg { --page: #ffffff; --text: #1f2328; --quiet: #59636e; --ours: #0969da; --peer: #afb8c1; --range: #1f2328 }
    @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --text: #e6edf3; --quiet: #9198a1; --ours: #388bfd; --peer: #59636e; --range: #e6edf3 }
    }
    text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328; fill: var(--text) }
    .page { fill: #ffffff; fill: var(--page) }
    .title { font-size: 17px; font-weight: 600 }
    .heading { font-weight: 600 }
    .label { text-anchor: end }
    .axis { font-size: 11px; text-anchor: middle }
    .number, .time { paint-order: stroke; stroke: #ffffff; stroke: var(--page); stroke-width: 4px }
    .number { font-weight: 600 }
    .time, .note, .axis { fill: #59636e; fill: var(--quiet) }
    .note { font-size: 11px }
    .ours { fill: #0969da; fill: var(--ours) }
    .peer { fill: #afb8c1; fill: var(--peer) }
    .one { stroke: #59636e; stroke: var(--quiet); stroke-dasharray: 3 3 }
    .range { stroke: #1f2328; stroke: var(--range); stroke-width: 1.5 }
    .cut { stroke: #ffffff; stroke: var(--page); stroke-width: 3 }
    </style>
    <rect width="100%" height="100%" class="page"/>
    \(svg.body)</svg>

    """
  }
}
