public import Base
public import JSON

/// A node's report in a line: what a list of all nodes shows of each.
///
/// What a report does not say, or says otherwise than this program would, is left out: nodes may be older or newer than their centre.
public struct NodeSummary: Sendable, Hashable {
  /// Entries of its ledger that the centre does not have yet, their bytes, and how many were left out for want of room.
  public struct Ledger: Sendable, Hashable {
    public var (behind, waiting, leftOut): (Int, Int, Int)
  }

  public var version: String?
  /// Degrees Celsius.
  public var temperature: Double?
  /// Bytes of the node's disk: free, and in all.
  public var (freeBytes, diskBytes): (Int?, Int?)
  /// Answers a second of all its streams together.
  public var rate: Double?
  public var ledger: Ledger?
  /// Versions of models that cannot be asked, and streams without pictures.
  public var (brokenModels, silentStreams) = (0, 0)
  /// What is not well, in a few words each.
  public internal(set) var troubles: [String] = []

  /// Of a report's bytes: one object with a member for each part.
  public init(report: [UInt8]) {
    guard let document = try? JSONDocument(parsing: report.span.bytes, name: "a report") else { return }
    read(document.root)
    troubles = troubles(of: document.root)
  }

  /// Reads what ``write(into:)`` wrote.
  public init(_ value: JSONValue) {
    version = try? value.part("version")?.string()
    temperature = try? value.part("temperature")?.number()
    freeBytes = try? value.part("disk")?.part("free")?.integer()
    diskBytes = try? value.part("disk")?.part("bytes")?.integer()
    rate = try? value.part("rate")?.number()
    brokenModels = (try? value.part("broken_models")?.integer()) ?? 0
    silentStreams = (try? value.part("silent_streams")?.integer()) ?? 0
    troubles = (try? value.part("trouble")?.elements())?.compactMap { try? $0.string() } ?? []
    guard let lines = value.part("ledger") else { return }
    let number = { (name: String) in (try? lines.part(name)?.integer()) ?? 0 }
    ledger = Ledger(behind: number("behind"), waiting: number("waiting"), leftOut: number("left_out"))
  }

  /// What of a report is not well.
  private func troubles(of root: JSONValue) -> [String] {
    var words: [String] = []
    func say(_ count: Int, _ what: String, _ rest: String) {
      if count > 0 { words.append("\(count) \(what)\(count == 1 ? "" : "s") \(rest)") }
    }
    say(brokenModels, "model", "not loaded")
    say(silentStreams, "stream", "without pictures")
    // Their pictures come, and there is a reason why nothing looks at them: such as a pipeline that is not there.
    let streams = root.part("streams")?.objects("streams") ?? []
    let blind = streams.count { (try? $0.part("state")?.string()) == "live" && $0.part("reason") != nil }
    say(blind, "stream", "looked at by nothing")
    // What a node calls short, as its incident says; of one that does not say it a sixteenth.
    let reserve = (try? root.part("node")?.part("disk")?.part("reserve")?.integer()) ?? diskBytes.map { $0 / 16 }
    if let freeBytes, let reserve, freeBytes < reserve { words.append("disk nearly full") }
    say(ledger?.leftOut ?? 0, "event", "left out for want of room")
    if let refusal = try? root.part("ledger")?.part("refusal")?.string() {
      words.append("not taken here for now: \(NodeReport.short(refusal) ?? refusal)")
    }
    let update = root.part("updates")
    if let failure = update?.part("failure"), let version = try? failure.part("version")?.integer() {
      words.append("update \(version) \((try? failure.part("refused")?.bool()) ?? false ? "refused" : "left")")
    }
    if (try? update?.part("trouble")?.string()) != nil { words.append("its update is held up") }
    return words
  }

  private mutating func read(_ root: JSONValue) {
    let node = root.part("node")
    version = (try? node?.part("version")?.string()).flatMap { text in
      text.utf8.count <= 64 && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f } ? text : nil
    }
    temperature = try? node?.part("temperature")?.number()
    freeBytes = try? node?.part("disk")?.part("free")?.integer()
    diskBytes = try? node?.part("disk")?.part("bytes")?.integer()
    let streams = root.part("streams")?.objects("streams") ?? []
    rate = try? root.part("streams")?.part("rate")?.number()
    let states = streams.compactMap { try? $0.part("state")?.string() }
    silentStreams = states.count { $0 != "live" && $0 != "ended" }
    let models = root.part("models")?.objects("models") ?? []
    brokenModels = models.count { (try? $0.part("state")?.string()) == "unavailable" }
    // What has not looked through its library yet does not say where its ledger ends.
    guard let ends = root.part("ledger")?.part("ends") else { return }
    let lines = ends.objects("lines")
    // A number that no honest node says counts as none, and sums of the others fit into one.
    let sum = { (name: String) in
      lines.reduce(0) { $0 + ((try? $1.part(name)?.integer(in: 0...1 << 48)) ?? 0) }
    }
    ledger = Ledger(behind: max(0, sum("sequence") - sum("taken")), waiting: sum("waiting"), leftOut: sum("out"))
  }

  /// The members of an object that is open.
  public func write(into json: inout JSONWriter) {
    json.field("version", ifKnown: version)
    json.field("temperature", ifKnown: temperature, digits: 1)
    if freeBytes != nil || diskBytes != nil {
      json.object("disk") { json in
        json.field("free", ifKnown: freeBytes)
        json.field("bytes", ifKnown: diskBytes)
      }
    }
    json.field("rate", ifKnown: rate, digits: 2)
    if let ledger {
      json.object("ledger") { json in
        json.field("behind", ledger.behind)
        json.field("waiting", ledger.waiting)
        json.field("left_out", ledger.leftOut)
      }
    }
    json.field("broken_models", brokenModels)
    json.field("silent_streams", silentStreams)
    json.field("trouble", troubles)
  }
}

extension JSONValue {
  /// A member of an object; `nil` where there is none, or where this is no object.
  fileprivate func part(_ name: String) -> JSONValue? {
    guard let members = try? members() else { return nil }
    return members.first { $0.0 == name }?.1
  }

  /// The elements of a member that is an array.
  fileprivate func objects(_ name: String) -> [JSONValue] {
    guard let elements = try? part(name)?.elements() else { return [] }
    return Array(elements)
  }
}
