import Base

/// Standard output of `ridley analyze`: text as it comes, or one JSON object
/// `{"model":{…},"pipeline":…,"files":[{"file":…,"predictions":[…],"summary":{…},"report":…}]}`, with `error` in the place
/// of what failed: a file's summary and report, or what comes after the files.
struct AnalyzeOutput: ~Copyable {
  private let isJSON: Bool
  private let sink = FileSink(standardOutput: ())
  private var json = JSONWriter()
  /// What is open of the document, of the list of files, of a file, and of the list of its predictions.
  private var document: JSONWriter.Level?
  private var files: JSONWriter.Level?
  private var file: JSONWriter.Level?
  private var predictions: JSONWriter.Level?

  init(isJSON: Bool) { self.isJSON = isJSON }

  /// There is a document that must be ended.
  var hasBegun: Bool { document != nil }

  /// Again after a restart: that says nothing new.
  mutating func begin(_ loaded: [UInt8]) {
    guard isJSON, !hasBegun else { return }
    document = json.openObject()
    json.embed(membersOf: loaded)
    files = json.openArray("files")
  }

  mutating func begin(file: String) throws(Fault) {
    guard isJSON else { return }
    open(file)
    predictions = json.openArray("predictions")
  }

  mutating func add(_ predictions: [UInt8]) throws(Fault) {
    json.embed(predictions)
    try drain()
  }

  mutating func add(events: [UInt8]) throws(Fault) {
    json.close(&predictions)
    json.array("events") { $0.embed(events) }
    try drain()
  }

  mutating func add(text: [UInt8]) throws(Fault) {
    try sink.write(text)
  }

  /// For people; not part of a JSON document.
  mutating func add(text: String) throws(Fault) {
    guard !isJSON else { return }
    try sink.write(text)
    try sink.flush()
  }

  /// Lets the reader have what is there.
  mutating func flush() throws(Fault) { try sink.flush() }

  mutating func end(summary: [UInt8], report: String) throws(Fault) {
    guard isJSON else { return }
    json.close(&predictions)
    json.field("summary", embedding: summary)
    json.field("report", report)
    json.close(&file)
    try drain()
  }

  mutating func fail(_ name: String, _ fault: Fault) throws(Fault) {
    guard isJSON, hasBegun else { return }
    if predictions == nil { open(name) } else { json.close(&predictions) }
    FaultEnvelope.write(fault, into: &json)
    json.close(&file)
    try drain()
  }

  /// Ends the document; `report` is the folder of a run over a list of files, and `fault` is what ended the whole run.
  mutating func end(report: String? = nil, _ fault: Fault? = nil) throws(Fault) {
    guard isJSON, hasBegun else { return }
    json.close(&files)
    json.field("report", ifKnown: report)
    if let fault { FaultEnvelope.write(fault, into: &json) }
    json.close(&document)
    json.newline()
    try drain()
    try sink.flush()
  }

  private mutating func open(_ name: String) {
    file = json.openObject()
    json.field("file", name)
  }

  private mutating func drain() throws(Fault) {
    try sink.write(json.bytes)
    json.drain()
  }
}
