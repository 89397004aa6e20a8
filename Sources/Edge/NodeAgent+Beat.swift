internal import Base
internal import Fleet
internal import JSON

/// What goes between a node and its centre with every beat.
extension NodeAgent {
  /// A token that is refused, or cannot be shown now, takes nothing from a node that is enrolled already: that goes on as it was.
  func enrolIfWanted() throws(Fault) {
    guard let token, !status.update({ $0.isTokenRefused }) else { return }
    let enrolment = Enrolment(folder, at: centre)
    guard try enrolment.wants(token) else { return }
    let failure: Fault
    do throws(Fault) {
      switch try enrolment.enrol(token, goesOn: { !status.update { $0.isOver } }) {
      case .enrolled(let made):
        hold(made)
        return say("enrolled as \(made.name.text) at \(centre.text)")
      case .refused(let fault):
        status.update { $0.isTokenRefused = true }
        failure = fault
      }
    } catch { failure = error }
    guard self.enrolment != nil else { throw failure }
    let isNew = status.update { status in
      defer { status.tokenFault = failure }
      return status.tokenFault != failure
    }
    if isNew { tell(failure.at("the token was not taken, and the node goes on as it is enrolled")) }
  }

  /// Says what the parts have to say, and hands them what came back; gives the seconds after which the centre wants the next one.
  func beat() throws(Fault) -> Double {
    guard let connection else {
      throw Fault(.denied, "the token was not taken: make another one at the centre, and start this node with it")
    }
    let (sent, end) = (clock(), Clock.now + Self.beatSeconds * 1_000_000_000)
    let bytes: [UInt8]
    do throws(Fault) {
      bytes = try connection.post("/v1/edge/beat", json: report()) { [status] in
        Clock.now < end && !status.update { $0.isOver }
      }
    } catch {
      guard error.kind == .closed, Clock.now >= end else { throw error }
      throw Fault(.unavailable, "a beat was not answered within \(Self.beatSeconds) seconds")
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

  /// As long as the largest report takes over the slowest link that the door bears; an answer that only trickles is given up then.
  private static let beatSeconds: UInt64 = 120

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
    // Parts reckon with them.
    let moments = 0...1 << 53
    (had, answered) = (
      try fields.required(.had).integer(in: moments), try fields.required(.answered).integer(in: moments)
    )
    var orders: [String: JSONValue] = [:]
    if let given = fields[.orders] { for (name, order) in try given.members() { orders[name] = order } }
    self.orders = orders
  }
}
