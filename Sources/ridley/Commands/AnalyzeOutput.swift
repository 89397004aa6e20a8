import Base

/// Standard output of `ridley analyze`: text as it comes, or one JSON object
/// `{"model":{…},"pipeline":…,"files":[{"file":…,"predictions":[…],"summary":{…},"report":…}]}`, with `error` in the place
/// of what failed: a file's summary and report, or what comes after the files.
struct AnalyzeOutput: ~Copyable {
  private let isJSON: Bool
  private let sink = FileSink(standardOutput: ())
  private var json = JSONWriter()
  /// There is a document that must be ended.
  private(set) var hasBegun = false
  private var isInFile = false

  init(isJSON: Bool) { self.isJSON = isJSON }

  /// Again after a restart: that says nothing new.
  mutating func begin(_ loaded: [UInt8]) {
    guard isJSON, !hasBegun else { return }
    hasBegun = true
    json.beginObject()
    json.embed(membersOf: loaded)
    json.key("files")
    json.beginArray()
  }

  mutating func begin(file: String) throws(Fault) {
    guard isJSON else { return }
    open(file)
    json.key("predictions")
    json.beginArray()
    isInFile = true
  }

  mutating func add(_ predictions: [UInt8]) throws(Fault) {
    json.embed(predictions)
    try drain()
  }

  mutating func add(text: [UInt8]) throws(Fault) {
    try sink.write(text)
  }

  /// Lets whoever reads have what is there.
  mutating func flush() throws(Fault) { try sink.flush() }

  mutating func end(summary: [UInt8], report: String) throws(Fault) {
    guard isJSON else { return }
    json.endArray()
    json.key("summary")
    json.embed(summary)
    json.key("report")
    json.string(report)
    json.endObject()
    isInFile = false
    try drain()
  }

  mutating func fail(_ file: String, _ fault: Fault) throws(Fault) {
    guard isJSON, hasBegun else { return }
    if isInFile { json.endArray() } else { open(file) }
    isInFile = false
    FaultEnvelope.write(fault, into: &json)
    json.endObject()
    try drain()
  }

  /// Ends the document; `fault` is what ended the whole run.
  mutating func end(_ fault: Fault? = nil) throws(Fault) {
    guard isJSON else { return }
    if isInFile {
      json.endArray()
      json.endObject()
    }
    json.endArray()
    if let fault { FaultEnvelope.write(fault, into: &json) }
    json.endObject()
    json.newline()
    try drain()
    try sink.flush()
  }

  private mutating func open(_ file: String) {
    json.beginObject()
    json.key("file")
    json.string(file)
  }

  private mutating func drain() throws(Fault) {
    try sink.write(json.bytes)
    json.drain()
  }
}
