internal import Rendering

/// One file's result as a page for a person: one HTML file that needs nothing else, no network and no script.
public enum HTMLReport {
  /// The page in UTF-8.
  ///
  /// Names and labels may hold anything; a policy inside the page forbids it to load or run anything.
  public static func page(_ header: RunHeader, _ summary: FileSummary, _ collector: Collector) -> [UInt8] {
    let report = Report(header: header, summary: summary, collector: collector)
    return document(
      summary.file,
      """
      \(report.head)
      <main>
      \(report.sections)
      </main>
      <footer><p>Ridley \(header.ridleyVersion)</p></footer>
      """)
  }

  /// A whole page around its body, with more of a style where that is given; a script is run only where that is allowed.
  static func document(
    _ title: String, _ body: Markup, style: Markup = .nothing, allowsScript: Bool = false
  ) -> [UInt8] {
    let scripts: Markup = allowsScript ? "; script-src 'unsafe-inline'" : .nothing
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'\(scripts)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>\(title) – Ridley report</title>
      <style>
      \(PageStyle.sheet)\(style)
      </style>
      </head>
      <body>
      \(body)
      </body>
      </html>

      """
    return Array(page.html.utf8)
  }
}

/// What the parts of a page have in common; each part is an extension in a file of its own.
struct Report {
  let header: RunHeader
  let summary: FileSummary
  let collector: Collector
  let palette: Palette
  let axis: TimeAxis

  init(header: RunHeader, summary: FileSummary, collector: Collector) {
    (self.header, self.summary, self.collector) = (header, summary, collector)
    palette = Palette(labels: header.labels)
    axis = TimeAxis(collector.timeline)
  }

  /// Parts that have something to say, in the order of reading.
  var sections: Markup {
    Markup([warnings, timeline, scores, pictures, labelTable, stageTable, corruptFrames, provenance])
  }

  /// A titled part of the page.
  func panel(_ name: StaticString, _ title: String, hint: String = "", _ body: Markup) -> Markup {
    let note: Markup = hint.isEmpty ? "" : "<p class=\"hint\">\(hint)</p>"
    return """
      <section class="panel" aria-labelledby="\(name.description)">
      <div class="title"><h2 id="\(name.description)">\(title)</h2>\(note)</div>
      \(body)
      </section>
      """
  }

  func color(_ label: String) -> String { palette.color(for: label).hex }

  /// A label with its colour.
  func tag(_ label: String) -> Markup {
    "<span class=\"tag\" style=\"--c:\(color(label))\"><bdi>\(label)</bdi></span>"
  }
}
