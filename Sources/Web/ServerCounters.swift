internal import Base
internal import Synchronization

/// Counts of a server since its start.
public struct Counts: Sendable, Hashable {
  /// Connections open now.
  public var openConnections = 0
  /// Connections that were taken, the open ones included.
  public var accepted = 0
  /// Connections that were closed at once because there were too many; without TLS they were told 503.
  public var turnedAway = 0
  /// Requests that the server refused by itself.
  public var refused = 0
  /// Requests that were answered, or whose client left.
  public var requests = 0
  /// Bytes of the bodies of requests and answers.
  public var bytesIn = 0
  public var bytesOut = 0
  /// Bytes of bodies that came and are held in memory now.
  public var bodyBytesInFlight = 0
  /// Bytes of answers that wait for their clients to take them.
  public var answerBytesWaiting = 0

  public init() {}
}

/// Counters of what all loops do, and the limits of connections: says which may come in.
final class ServerCounters: Sendable {
  private struct Door {
    var open = 0
    var accepted = 0
    var turnedAway = 0
    var perPeer: [Peer.Origin: Int] = [:]
  }

  private let limits: Limits
  private let door = Monitor(Door())
  private let refusals = Atomic<Int>(0)
  private let requests = Atomic<Int>(0)
  private let bytesIn = Atomic<Int>(0)
  private let sinks = Atomic<Int>(0)
  private let bytesOut = Atomic<Int>(0)

  init(_ limits: Limits) { self.limits = limits }

  /// Whether another connection of this client is taken; counts it either way.
  func admit(_ peer: Peer) -> Bool {
    door.update { door in
      let isWithinShare =
        door.perPeer[peer.origin, default: 0] < limits.connectionsPerPeer
        || limits.trustedProxies.contains { $0.contains(peer.bytes) }
      guard door.open < limits.connections, isWithinShare else {
        door.turnedAway += 1
        return false
      }
      door.open += 1
      door.accepted += 1
      door.perPeer[peer.origin, default: 0] += 1
      return true
    }
  }

  func closed(_ peer: Peer) {
    door.update { door in
      door.open -= 1
      let left = door.perPeer[peer.origin, default: 1] - 1
      door.perPeer[peer.origin] = left > 0 ? left : nil
    }
  }

  /// One was closed because there was no descriptor for it.
  func turnedAway() { door.update { $0.turnedAway += 1 } }

  func sinkBegins() { sinks.add(1, ordering: .relaxed) }
  func sinkEnded() { sinks.subtract(1, ordering: .relaxed) }

  /// Sinks that have not heard their end yet.
  var openSinks: Int { sinks.load(ordering: .relaxed) }

  func refused() { refusals.add(1, ordering: .relaxed) }

  func served(_ record: Record) {
    requests.add(1, ordering: .relaxed)
    bytesIn.add(record.bytesIn, ordering: .relaxed)
    bytesOut.add(record.bytesOut, ordering: .relaxed)
  }

  var counts: Counts {
    var counts = Counts()
    (counts.openConnections, counts.accepted, counts.turnedAway) = door.update { ($0.open, $0.accepted, $0.turnedAway) }
    counts.refused = refusals.load(ordering: .relaxed)
    counts.requests = requests.load(ordering: .relaxed)
    counts.bytesIn = bytesIn.load(ordering: .relaxed)
    counts.bytesOut = bytesOut.load(ordering: .relaxed)
    return counts
  }
}
