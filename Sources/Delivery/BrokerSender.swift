internal import Base
internal import Catalog
internal import Crypto
internal import Items
internal import Library
internal import MQTT
internal import Objects
internal import Store

/// A broker of MQTT, over a session that is kept; what counts as told is what the broker said that it has.
final class BrokerSender: NoticeSender {
  private let target: DeliveryTarget
  private let library: Library
  private let address: BrokerAddress
  private var session: MQTTSession?
  /// When it was begun last, or tried to be.
  private var asked: UInt64 = 0
  /// The streams of which the broker is yet to be told how they stand.
  private var untold: Set<String> = []
  /// The streams that were announced in this session.
  private var announced: Set<String> = []

  /// Seconds for one notice in all, the connection too.
  private let patience: Double
  /// Nanoseconds between two attempts at a session that nothing waits for.
  private static let pause: UInt64 = 30_000_000_000

  init(_ target: DeliveryTarget, _ library: Library, patience: Double = 10) throws(Fault) {
    (self.target, self.library, self.patience) = (target, library, patience)
    address = try BrokerAddress(target.address)
  }

  /// Behind a farewell the broker tells no last will.
  deinit {
    guard let session else { return }
    let deadline = Clock.now + 1_000_000_000
    try? session.tell(BrokerTopics(target, stream: "").status(isThere: false), before: deadline)
    session.end(before: deadline)
  }

  func tell(_ notice: Notice, _ body: [UInt8], at date: Int, goesOn: () -> Bool) -> Telling {
    let deadline = Clock.now + UInt64(patience * 1e9)
    do throws(Fault) {
      let session = try connected(before: deadline)
      let topics = BrokerTopics(target, stream: notice.event.stream)
      if notice.phase != .test { try announce(notice.event.stream, session, before: deadline) }
      try session.tell(MQTTSession.Message(topics.events, body), before: deadline)
      if notice.phase != .test {
        try tellState(of: notice.event.stream, session, before: deadline)
        untold.remove(notice.event.stream)
      }
      return Telling(verdict: .taken)
    } catch {
      (session, announced) = (nil, [])
      return Telling(verdict: .again(isOfTarget: true, after: nil), reason: error.message)
    }
  }

  /// Has Home Assistant discover a stream, once a session.
  private func announce(_ stream: String, _ session: MQTTSession, before deadline: UInt64) throws(Fault) {
    guard announced.insert(stream).inserted, target.announces, stream != StreamEvent.serverStream else { return }
    try session.tell(BrokerTopics(target, stream: stream).announcement, before: deadline)
  }

  /// How a stream stands by now, for those that come later too.
  private func tellState(of stream: String, _ session: MQTTSession, before deadline: UInt64) throws(Fault) {
    let open = try library.openEvents(of: stream, client: target.client)
    try session.tell(BrokerTopics(target, stream: stream).state(open, library.now / 1000), before: deadline)
  }

  /// The streams of what the target was told last: a broker that lost what it kept is told of them anew.
  private func streams() throws(Fault) -> Set<String> {
    let query = Query(LibraryKeys.notices(target.client, target.name), order: .descending, limit: Self.mostLooked)
    var found: Set<String> = []
    for item in try library.table.items(query).elements {
      let notice = try Notice(item)
      if notice.phase != .test { found.insert(notice.event.stream) }
    }
    return found
  }

  /// How the next of the streams stands that are still to be told of.
  private func tellNext(_ session: MQTTSession) {
    guard let stream = untold.popFirst() else { return }
    let deadline = Clock.now + UInt64(patience * 1e9)
    do throws(Fault) {
      try announce(stream, session, before: deadline)
      try tellState(of: stream, session, before: deadline)
    } catch {
      (self.session, announced) = (nil, [])
    }
  }

  private static let mostLooked = 200

  /// Keeps the session alive while nothing is told, so that the broker knows whether somebody would.
  func rest() {
    if let session {
      if session.isAlive() { return tellNext(session) }
      (self.session, announced) = (nil, [])
    }
    guard Clock.now - asked > Self.pause else { return }
    _ = try? connected(before: Clock.now + UInt64(patience * 1e9))
  }

  private func connected(before deadline: UInt64) throws(Fault) -> MQTTSession {
    if let session, session.isAlive() { return session }
    (session, announced, asked) = (nil, [], Clock.now)
    let seconds = Int(patience.rounded(.up))
    let outgoing =
      address.isSecure
      ? try OutgoingTunnel.open(
        host: address.host, port: address.port, trust: OutgoingTunnel.Trust(key: address.key),
        reachesPrivate: target.reachesPrivate,
        seconds: seconds)
      : try OutgoingConnection.open(
        host: address.host, port: address.port, reachesPrivate: target.reachesPrivate, seconds: Double(seconds))
    let topics = BrokerTopics(target, stream: "")
    // The same on every server of the library, so that one that took over replaces the one before it.
    var settings = MQTTSession.Settings(
      name: "ridley-" + SHA256.hex(of: Array("\(target.client)/\(target.name)".utf8)).prefix(16))
    (settings.user, settings.password) = (target.credentials.user, target.credentials.password)
    settings.will = topics.status(isThere: false)
    let made = try MQTTSession(settings, over: outgoing.descriptor, before: deadline)
    try made.tell(topics.status(isThere: true), before: deadline)
    // Told one by one while nothing else is: they may be many, and the broker far away.
    session = made
    untold = try streams()
    return made
  }
}

/// Where a broker is told what, and in which words.
struct BrokerTopics {
  let client: String
  let stream: String
  private let base: String

  init(_ target: DeliveryTarget, stream: String) {
    (client, self.stream) = (target.client, stream)
    base = "\(target.topic)/\(target.client)"
  }

  var events: String { "\(base)/\(stream)/events" }
  private var stateTopic: String { "\(base)/\(stream)/state" }
  private var statusTopic: String { "\(base)/status" }

  /// Whether somebody tells.
  func status(isThere: Bool) -> MQTTSession.Message {
    MQTTSession.Message(statusTopic, Array((isThere ? "online" : "offline").utf8), isRetained: true)
  }

  /// How a stream stands by the events in it that are open.
  func state(_ open: [StreamEvent], _ date: Int) -> MQTTSession.Message {
    let seen = open.filter { $0.kind == .event }
    var labels: [String: Int] = [:]
    for event in seen { labels[event.label ?? event.rule, default: 0] += 1 }
    let json = JSONWriter.object { json in
      json.field("open", seen.count)
      json.object("labels") { json in
        for (label, count) in labels.sorted(by: { $0.key < $1.key }) { json.field(.init(label), count) }
      }
      json.field("problems", open.filter { [.health, .drift].contains($0.kind) }.compactMap(\.problem))
      json.field("time", UTC.text(date))
    }
    return MQTTSession.Message(stateTopic, json, isRetained: true)
  }

  /// A stream as Home Assistant discovers it: a sensor that is on while an event is open.
  var announcement: MQTTSession.Message {
    let id = "ridley_" + SHA256.hex(of: Array("\(client)/\(stream)".utf8)).prefix(16)
    let json = JSONWriter.object { json in
      json.field("name", "Events")
      json.field("unique_id", id)
      json.field("object_id", "ridley_\(stream)_events")
      json.field("device_class", "occupancy")
      json.field("state_topic", stateTopic)
      json.field("value_template", "{{ 'ON' if value_json.open > 0 else 'OFF' }}")
      json.field("json_attributes_topic", stateTopic)
      json.field("availability_topic", statusTopic)
      json.object("device") { json in
        json.field("identifiers", [id])
        json.field("name", stream)
        json.field("manufacturer", "Ridley")
      }
      json.object("origin") { $0.field("name", "Ridley") }
    }
    return MQTTSession.Message("homeassistant/binary_sensor/\(id)/events/config", json, isRetained: true)
  }
}
