internal import Base
internal import JSON

/// What goes between a node and its centre with every beat.
extension NodeAgent {
  /// A refused token takes nothing from a node that is enrolled already: that goes on as it was.
  func enrolIfWanted() throws(Fault) {
    guard let token, !status.update({ $0.isTokenRefused }) else { return }
    let enrolment = Enrolment(folder, at: centre)
    guard try enrolment.wants(token) else { return }
    switch try enrolment.enrol(token) {
    case .enrolled(let made): hold(made)
    case .refused(let fault):
      let isEnrolled = status.update { status in
        status.isTokenRefused = true
        return status.enrolment != nil
      }
      guard isEnrolled else { throw fault }
      tell(fault.at("the token was not taken, and the node goes on as it is enrolled"))
    }
  }

  /// Says what the parts have to say, and hands them what came back; gives the seconds after which the centre wants the next one.
  func beat() throws(Fault) -> Double {
    guard let connection else {
      throw Fault(.denied, "the token was not taken: make another one at the centre, and start this node with it")
    }
    let sent = clock()
    let bytes = try connection.post("/v1/edge/beat", json: report()) { [status] in
      !status.update { $0.isOver }
    }
    let got = clock()
    let answer = try BeatAnswer(try JSONDocument(parsing: bytes.span.bytes, name: "the centre's answer").root)
    if var known = enrolment, known.pins != answer.pins {
      known.pins = answer.pins
      try folder.keep(known)
      hold(known)
    }
    for part in parts {
      part.heard(BeatTimes(sent: sent, had: answer.had, answered: answer.answered, got: got))
      if let order = answer.orders[part.name] { part.take(order) }
    }
    return answer.every
  }

  private func report() -> [UInt8] {
    JSONWriter.object { json in
      json.object("report") { json in
        for part in parts {
          guard let said = part.report() else { continue }
          if said.count <= Self.partByteCount {
            json.field(JSONWriter.Name(part.name), embedding: said)
          } else {
            tell(Fault(.bug, "the part '\(part.name)' says \(said.count) bytes with a beat: they are left out"))
          }
        }
      }
    }
  }
}

/// What a centre says to a beat.
struct BeatAnswer {
  /// Seconds.
  let every: Double
  let pins: [[UInt8]]
  /// Milliseconds since 1970 by the centre's clock: when it had the beat, and when it answered.
  let (had, answered): (Int, Int)
  /// By the names of parts; those that the node does not know are left alone.
  let orders: [String: JSONValue]

  private enum Key: String, CaseIterable { case every, pins, had, answered, orders }

  init(_ value: JSONValue) throws(Fault) {
    let fields = try value.fields(Key.self, others: .ignored)
    every = try fields.required(.every).number()
    pins = try fields.required(.pins).digests()
    guard !pins.isEmpty else { throw value.fault("the centre names none of its keys") }
    (had, answered) = (try fields.required(.had).integer(), try fields.required(.answered).integer())
    var orders: [String: JSONValue] = [:]
    if let given = fields[.orders] { for (name, order) in try given.members() { orders[name] = order } }
    self.orders = orders
  }
}
