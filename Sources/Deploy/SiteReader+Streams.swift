internal import Base
internal import YAML

/// Live streams, by the keys of `serve --config`.
extension SiteReader {
  enum StreamKey: String, CaseIterable {
    case server, client, source, view, pipeline, model, budget, rate, weight, clips, record
  }
  enum SecretKey: String, CaseIterable { case secret }
  enum ClipKey: String, CaseIterable { case before, after, most, keep, space }
  enum RecordKey: String, CaseIterable { case segment, keep, space }

  mutating func readStream(_ entry: YAMLEntry) {
    let value = YAMLValue(entry.node, what: "the stream \(entry.key)", document: site.name)
    guard name(entry, "stream") else { return }
    let fields = DiagnosticFields<StreamKey>(value, &diagnostics)
    let places = servers(fields[.server], of: value)
    let client = fields.value(.client, &diagnostics) { (value) throws(Fault) in try Self.client(value) }
    var thing = Thing(ThingKey(.stream, entry.key, server: ""))
    if let source = fields.required(.source, &diagnostics, { (value) throws(Fault) in value }) {
      readAddress(source, "source", into: &thing)
    }
    if let view = fields[.view] { readAddress(view, "view", into: &thing) }
    readNetworks(fields, into: &thing)
    let budget = fields.value(.budget, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 0.001...60) }
    thing.fields.set("budget_ms", number: (budget ?? 0.25) * 1000)
    let amount = { (value: YAMLValue) throws(Fault) in try Self.amount(value) }
    thing.fields.set("rate", number: fields.value(.rate, &diagnostics, amount))
    thing.fields.set("weight", number: fields.value(.weight, &diagnostics, amount) ?? 1)
    if let clips = fields[.clips] { readClips(clips, into: &thing) }
    if let record = fields[.record] { readRecord(record, into: &thing) }
    add(thing, to: places, client: client)
  }

  private mutating func readNetworks(_ fields: DiagnosticFields<StreamKey>, into thing: inout Thing) {
    let text = { (value: YAMLValue) throws(Fault) in try value.text() }
    let (pipeline, model) = (fields.value(.pipeline, &diagnostics, text), fields.value(.model, &diagnostics, text))
    if let value = fields[.model], fields[.pipeline] != nil {
      diagnostics.add(value, "a stream has a pipeline, or a model, and not both")
    }
    if let value = fields[.clips], fields[.pipeline] == nil {
      diagnostics.add(value, "clips are of events, which come of a pipeline with rules: give the stream one")
    }
    thing.fields.set("pipeline", pipeline)
    thing.fields.set("model", model)
    if let pipeline { thing.needs.append(.pipeline(pipeline)) }
    if let model { thing.needs.append(.model(model)) }
  }

  /// An address as it is, or where it is kept: `{secret: env:NAME}`.
  private mutating func readAddress(_ value: YAMLValue, _ name: String, into thing: inout Thing) {
    if value.node.isGroup {
      thing.references[name] = reference(value)
      return
    }
    let read = diagnostics.attempt(value) { (value) throws(Fault) -> (text: String, shown: String) in
      let text = try value.text()
      do throws(Fault) { return (text, try surroundings.addresses.shown(text)) } catch {
        throw value.fault(error.message)
      }
    }
    guard let read else { return }
    thing.fields.set(name, read.shown)
    thing.hidden[name] = read.text
    if Self.hasSecret(read.text, shown: read.shown) {
      diagnostics.add(
        value,
        "\(name) has a user or a password in it, and no secret stands in a blueprint: \(name): {secret: env:NAME}")
    }
  }

  /// What a server hides is a secret, but for the query of an address in which nothing looks like one.
  private static func hasSecret(_ text: String, shown: String) -> Bool {
    let behind = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? ""
    let authority = behind.prefix { $0 != "/" && $0 != "?" }
    let query = text.prefix { $0 != "#" }.drop { $0 != "?" }
    let plain = shown.hasSuffix("?…") ? shown.dropLast(2) : shown[...]
    return authority.dropFirst().contains("@") || plain.contains("…") || hasSecretWord(query.lowercased())
  }

  /// `{secret: env:NAME}`.
  mutating func reference(_ value: YAMLValue) -> SecretReference? {
    DiagnosticFields<SecretKey>(value, &diagnostics).required(.secret, &diagnostics) { (value) throws(Fault) in
      try SecretReference(value, folder: folder)
    }
  }

  static func hasSecretWord(_ query: String) -> Bool {
    ["pass", "pwd", "user", "token", "auth", "key", "secret", "sign"].contains { query.contains($0) }
  }

  private static func amount(_ value: YAMLValue) throws(Fault) -> Double {
    let number = Double(try value.number(example: "5"))
    guard (0.001...1000).contains(number) else { throw value.fault("\(value.what) is from 0.001 to 1000") }
    return number
  }

  private mutating func readClips(_ value: YAMLValue, into thing: inout Thing) {
    guard value.node.isGroup else {
      let isOn = diagnostics.attempt(value) { (value) throws(Fault) in try value.flag() }
      if isOn == true { thing.fields.setObject("clips", ["before_ms": 5000, "after_ms": 5000, "most_ms": 60_000]) }
      return
    }
    let fields = DiagnosticFields<ClipKey>(value, &diagnostics)
    var numbers: [String: Double] = [:]
    let roll = { (value: YAMLValue) throws(Fault) in try value.seconds(in: 0...30) }
    numbers["before_ms"] = (fields.value(.before, &diagnostics, roll) ?? 5) * 1000
    numbers["after_ms"] = (fields.value(.after, &diagnostics, roll) ?? 5) * 1000
    let most = fields.value(.most, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 1...3600) }
    numbers["most_ms"] = (most ?? 60) * 1000
    numbers["keep_s"] = fields.value(.keep, &diagnostics) { (value) throws(Fault) in try Self.age(value) }
    numbers["most_bytes"] = fields.value(.space, &diagnostics) { (value) throws(Fault) in try Self.space(value) }
    thing.fields.setObject("clips", numbers)
  }

  private mutating func readRecord(_ value: YAMLValue, into thing: inout Thing) {
    guard value.node.isGroup else {
      let isOn = diagnostics.attempt(value) { (value) throws(Fault) in try value.flag() }
      if isOn == true { thing.fields.setObject("record", ["segment_s": 300]) }
      return
    }
    let fields = DiagnosticFields<RecordKey>(value, &diagnostics)
    let segment = fields.value(.segment, &diagnostics) { (value) throws(Fault) in try value.seconds(in: 1...3600) }
    var numbers = ["segment_s": segment ?? 300]
    numbers["keep_s"] = fields.value(.keep, &diagnostics) { (value) throws(Fault) in try Self.age(value) }
    numbers["most_bytes"] = fields.value(.space, &diagnostics) { (value) throws(Fault) in try Self.space(value) }
    thing.fields.setObject("record", numbers)
  }

  private static func space(_ value: YAMLValue) throws(Fault) -> Double {
    Double(try value.bytes(in: 1 << 20...1 << 60))
  }

  /// `30d`, or a shorter time with its unit, in seconds.
  private static func age(_ value: YAMLValue) throws(Fault) -> Double {
    let text = try value.text()
    guard text.hasSuffix("d") else { return try value.seconds(in: 1...86_400) }
    guard let days = Double(text.dropLast()), days >= 0.001, days <= 36_500 else {
      throw value.fault("'\(text)' is no time for \(value.what), expected e.g. 30d, or 12h")
    }
    return days * 86_400
  }
}

extension ThingFields {
  /// An object of numbers.
  mutating func setObject(_ name: String, _ numbers: [String: Double]) {
    values[name] = Self.text { json in
      json.object { json in
        for (name, number) in numbers.sorted(by: { $0.key < $1.key }) { json.field(JSONWriter.Name(name), number) }
      }
    }
  }
}

extension Thing {
  init(_ other: Thing, at key: ThingKey) {
    self.init(key)
    (fields, hidden, references, needs) = (other.fields, other.hidden, other.references, other.needs)
  }
}
