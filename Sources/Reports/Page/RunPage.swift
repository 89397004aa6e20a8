internal import Base
internal import Rendering

/// A run over a list of files as a page for a person: a table of the files, with links to their reports.
public enum RunPage {
  /// More files stand in the summary alone.
  static let rowLimit = 2000

  /// The page in UTF-8; `work` says what was run, and `labels` are in the order that decides their colours.
  public static func page(_ entries: [RunEntry], work: String, labels: [String], version: String) -> [UInt8] {
    let palette = Palette(labels: labels)
    let failed = entries.count { $0.fault != nil }
    let predictions = entries.reduce(0) { $0 + $1.predictions }
    let found = entries.count { $0.predictions > 0 }
    let rest = entries.count - rowLimit
    let more: Markup =
      rest > 0 ? "<p class=\"hint\">\(NumberFormat.grouped(rest)) more files stand in summary.json.</p>" : ""
    let trouble: Markup = failed > 0 ? " <b>\(NumberFormat.grouped(failed)) could not be analysed.</b>" : ""
    let body: Markup = """
      <header>
      <p class="brand"><b>Ridley</b> <span>analysis of \(NumberFormat.grouped(entries.count)) files</span></p>
      <h1>\(totals(entries, palette))</h1>
      <p class="facts"><span><bdi>\(work)</bdi></span></p>
      <p class="verdict">\(NumberFormat.grouped(predictions)) predictions in \(NumberFormat.grouped(found)) of \
      \(NumberFormat.grouped(entries.count)) files.\(trouble)</p>
      </header>
      <main>
      <section class="panel" aria-labelledby="files"><div class="title"><h2 id="files">Files</h2></div>
      <div class="scroll"><table class="files"><thead><tr><th scope="col">File</th><th scope="col">Found</th>\
      <th scope="col">Frames</th><th scope="col">Predictions</th></tr></thead>
      <tbody>
      \(entries.prefix(rowLimit).map { row($0, palette) })
      </tbody></table></div>
      \(more)
      </section>
      </main>
      <footer><p>Ridley \(version)</p></footer>
      """
    return HTMLReport.document("\(entries.count) files", body)
  }

  private static func row(_ entry: RunEntry, _ palette: Palette) -> Markup {
    if let fault = entry.fault {
      return
        "<tr><th scope=\"row\"><bdi>\(entry.file)</bdi></th><td class=\"reason\" colspan=\"3\">\(fault.message)</td></tr>"
    }
    let link: Markup =
      entry.report.map { "<a href=\"\(address($0))/report.html\"><bdi>\(entry.file)</bdi></a>" } ?? "\(entry.file)"
    let nothing: Markup = "<span class=\"hint\">nothing</span>"
    let found = entry.labels.isEmpty ? nothing : Markup(entry.labels.map { tag($0, palette) })
    return """
      <tr><th scope="row">\(link)</th><td class="found">\(found)</td><td>\(NumberFormat.grouped(entry.frames))</td>\
      <td>\(NumberFormat.grouped(entry.predictions))</td></tr>
      """
  }

  /// The labels of all files together, most frequent first.
  private static func totals(_ entries: [RunEntry], _ palette: Palette) -> Markup {
    let counts = Dictionary(entries.flatMap(\.labels).map { ($0.label, $0.count) }, uniquingKeysWith: +)
    let most = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3)
    guard !most.isEmpty else { return "Nothing found" }
    return Markup(
      most.map { "<span class=\"tag\" style=\"--c:\(palette.color(for: $0.key).hex)\"><bdi>\($0.key)</bdi></span>" })
  }

  private static func tag(_ label: RunEntry.Label, _ palette: Palette) -> Markup {
    let color = palette.color(for: label.label).hex
    return """
      <span class="tag" style="--c:\(color)"><bdi>\(label.label)</bdi> <span class="times">× \(NumberFormat.grouped(label.count))</span></span>
      """
  }

  /// A path as an address from the page's own folder (RFC 3986).
  private static func address(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF")
    let plain = Array("-._~/".utf8)
    return path.utf8.map { byte in
      let isPlain =
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || plain.contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }.joined()
  }
}
