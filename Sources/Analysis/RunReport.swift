public import Base
public import Reports

/// What a run over a list of files leaves in its own folder, beside the folders of the files: all predictions together as
/// JSON Lines and CSV, a summary and a page.
///
/// A file's predictions are there once the file is done; `summary.json` comes last.
public final class RunReport {
  public let path: String
  private let loaded: [UInt8]
  private let labels: [String]
  private let lines: FileSink
  private let table: FileSink
  private var hasTableHead = false
  /// Made for the first file that has one.
  private var events: FileSink?
  public private(set) var entries: [RunEntry] = []

  /// `loaded` is a JSON object whose members say what is run; `labels` are in the order that decides their colours.
  public init(_ path: String, loaded: [UInt8], labels: [String]) throws(Fault) {
    (self.path, self.loaded, self.labels) = (path, loaded, labels)
    try FileSystem.makeFolder(path)
    for name in ["summary.json", "report.html", ReportWriter.eventsName] { try FileSystem.remove("\(path)/\(name)") }
    lines = try FileSink("\(path)/predictions.jsonl")
    table = try FileSink("\(path)/predictions.csv")
  }

  /// Takes over what a file's own folder holds.
  public func add(_ entry: RunEntry) throws(Fault) {
    entries.append(entry)
    guard let report = entry.report, entry.fault == nil else { return }
    try Self.copy("\(path)/\(report)/predictions.jsonl", to: lines)
    try Self.copy("\(path)/\(report)/predictions.csv", to: table, skippingLine: hasTableHead)
    hasTableHead = true
    let happened = "\(path)/\(report)/\(ReportWriter.eventsName)"
    guard FileSystem.kind(of: happened) == .file else { return }
    if events == nil { events = try FileSink("\(path)/\(ReportWriter.eventsName)") }
    if let events { try Self.copy(happened, to: events) }
  }

  public func finish(work: String, version: String, interrupted: Bool) throws(Fault) {
    try lines.finish()
    try table.finish()
    try events?.finish()
    let page = RunPage.page(entries, work: work, labels: labels, version: version)
    try FileSystem.write(page, to: "\(path)/report.html")
    let summary = RunSummaryJSON.write(entries, loaded: loaded, interrupted: interrupted)
    try FileSystem.write(summary, to: "\(path)/summary.json")
  }

  /// Block by block, however long the file is.
  private static func copy(_ path: String, to sink: FileSink, skippingLine isSkipping: Bool = false) throws(Fault) {
    var isSkipping = isSkipping
    try FileSystem.forEachBlock(of: path) { (block) throws(Fault) in
      var rest = block
      if isSkipping {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return }
        (rest, isSkipping) = (rest[(end + 1)...], false)
      }
      try sink.write(Array(rest))
    }
  }
}
