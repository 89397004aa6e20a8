public import Base
public import Items
internal import JSON

/// What a node has to forward, and what a centre has of its nodes.
extension LibraryKeys {
  /// What a node forwards to its centre; no library that is copied has it, as it is of the node alone.
  public static let outbox = "OUTBOX"

  /// How far the changes were looked through, and in which life of the outbox.
  public static let outboxPosition = ItemKey(outbox, "POSITION")
  /// What is known of the clocks of the node and of its centre.
  public static let outboxClock = ItemKey(outbox, "CLOCK")
  public static let outboxMoments = "OUTBOX#MOMENTS"
  /// The node's clocks as an asset was added, where the one on the wall was wrong, or may have been; without an id as it began to forward.
  public static func outboxMoment(_ asset: String) -> ItemKey { ItemKey(outboxMoments, asset.isEmpty ? "-" : asset) }
  public static let outboxLines = "LINE#"

  /// A chain goes on within one life.
  public static func outboxLine(_ life: String, _ line: String) -> ItemKey {
    ItemKey(outbox, CompositeKey.joined("LINE", life, line))
  }

  /// How much of a line the centre has.
  public static func outboxTaken(_ life: String, _ line: String) -> ItemKey {
    ItemKey(outbox, CompositeKey.joined("TAKEN", life, line))
  }

  public static let outboxOrders = "ORDER#"

  /// Says that a range of the past was asked for, and that it is among what is forwarded.
  public static func outboxOrder(_ id: String) -> ItemKey { ItemKey(outbox, CompositeKey.joined("ORDER", id)) }

  public static func outboxPartition(_ life: String, _ line: String) -> String {
    CompositeKey.joined("OUTBOX", life, line)
  }

  public static func outboxEntry(_ life: String, _ line: String, _ sequence: Int) -> ItemKey {
    ItemKey(outboxPartition(life, line), CompositeKey.number(sequence))
  }

  /// What a centre has of a node's ledger.
  public static func ledgerPartition(_ node: String) -> String { CompositeKey.joined("LEDGER", node) }

  public static func ledgerLine(_ node: String, life: String, _ line: String) -> ItemKey {
    ItemKey(ledgerPartition(node), CompositeKey.joined(life, line))
  }

  public static let ledgerFetches = "FETCH#"

  /// A range of the past that was asked of a node; no life is called so.
  public static func ledgerFetch(_ node: String, _ id: String) -> ItemKey {
    ItemKey(ledgerPartition(node), CompositeKey.joined("FETCH", id))
  }

  /// When an event began whose id does not say it.
  public static func eventPlace(_ client: String, _ id: ULID) -> ItemKey {
    ItemKey(CompositeKey.joined("EVENT-PLACES", client), id.text)
  }
}

/// When an event began whose id does not say it, as an item.
public enum EventPlace {
  private enum Key: String, CaseIterable { case began }

  /// `from` is in milliseconds since 1970.
  public static func json(_ from: Int) -> [UInt8] { JSONWriter.object(capacity: 32) { $0.field("began", from) } }

  public static func read(_ item: Item) throws(Fault) -> Int {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    return try document.root.fields(Key.self).required(.began).integer(in: 0 ... .max)
  }
}

extension StreamEvent {
  /// It came from a node, whose streams have names that none of a server's own has: `NODE/STREAM`.
  public var isForwarded: Bool { stream.utf8.contains(UInt8(ascii: "/")) }
}
