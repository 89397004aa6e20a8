public import Base
public import Items
internal import JSON

extension Notice {
  private enum Key: String, CaseIterable {
    // No `id`: by that the index of clients knows them.
    case delivery, owner, target, stream, of, phase, mark, number, queued, due, state, tried, attempts, notice
  }

  private enum AttemptKey: String, CaseIterable { case at, status, reason }

  /// The body of its item.
  public var json: [UInt8] {
    JSONWriter.object(capacity: 1024) { json in
      json.field("delivery", id)
      json.field("owner", event.client)
      json.field("target", target)
      json.field("stream", event.stream)
      json.field("of", event.id.text)
      json.field("phase", phase.rawValue)
      json.field("mark", mark)
      json.field("number", number)
      json.field("queued", queued)
      json.field("due", due)
      json.field("state", state.rawValue)
      json.field("tried", tried)
      writeAttempts(into: &json)
      json.object("notice", event.write)
    }
  }

  /// How it stands, for people and programs that ask.
  public func write(into json: inout JSONWriter) {
    json.field("delivery", id)
    json.field("owner", event.client)
    json.field("target", target)
    json.field("state", state.rawValue)
    json.field("type", type)
    json.field("event", event.id.text)
    json.field("stream", event.stream)
    json.field("rule", event.rule)
    json.field("label", ifKnown: event.label)
    json.field("queued", CompositeKey.time(milliseconds: queued))
    if state == .waiting, due > 0 { json.field("due", CompositeKey.time(milliseconds: due)) }
    json.field("tried", tried)
    writeAttempts(into: &json)
  }

  private func writeAttempts(into json: inout JSONWriter) {
    json.array("attempts") { json in
      for attempt in attempts {
        json.object { json in
          json.field("at", CompositeKey.time(milliseconds: attempt.at))
          json.field("status", ifKnown: attempt.status)
          json.field("reason", ifKnown: attempt.reason)
        }
      }
    }
  }

  /// Reads what ``json`` wrote; anything else is a fault.
  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      id: try fields.required(.delivery).string(), target: try fields.required(.target).string(),
      try StreamEvent(fields.required(.notice)), try fields.required(.phase).choice(),
      mark: try fields.required(.mark).string(), queued: try fields.required(.queued).integer(in: 0 ... .max))
    number = try fields.required(.number).integer(in: 0 ... .max)
    due = try fields.required(.due).integer(in: 0 ... .max)
    state = try fields.required(.state).choice()
    tried = try fields.required(.tried).integer(in: 0 ... .max)
    for value in try fields.required(.attempts).elements() {
      let fields = try value.fields(AttemptKey.self)
      attempts.append(
        Attempt(
          at: try fields.required(.at).moment(), status: try fields[.status]?.integer(),
          reason: try fields[.reason]?.string()))
    }
  }
}

/// A notice that waits, as its entry in the index has it.
public struct WaitingNotice: Sendable, Hashable {
  public let key: ItemKey
  public let number: Int
  public let stream: String
  /// Its event.
  public let of: String
  public let phase: Notice.Phase
  /// Milliseconds since 1970.
  public let queued: Int
  public let due: Int
  public let tried: Int

  public init(
    key: ItemKey, number: Int, stream: String, of: String, phase: Notice.Phase, queued: Int, due: Int = 0,
    tried: Int = 0
  ) {
    (self.key, self.number, self.stream, self.of, self.phase) = (key, number, stream, of, phase)
    (self.queued, self.due, self.tried) = (queued, due, tried)
  }

  private enum Key: String, CaseIterable { case number, stream, of, phase, queued, due, tried }

  public init(_ entry: IndexEntry) throws(Fault) {
    let document = try JSONDocument(parsing: entry.attributes.span.bytes, name: "an entry of \(entry.key)")
    let fields = try document.root.fields(Key.self)
    self.init(
      key: entry.key, number: try fields.required(.number).integer(), stream: try fields.required(.stream).string(),
      of: try fields.required(.of).string(), phase: try fields.required(.phase).choice(),
      queued: try fields.required(.queued).integer(), due: try fields.required(.due).integer(),
      tried: try fields.required(.tried).integer())
  }
}
