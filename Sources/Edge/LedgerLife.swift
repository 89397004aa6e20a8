internal import Base
internal import Catalog
internal import Items
internal import JSON

/// Which of the outboxes that a node has had speaks for it, as its beats say.
///
/// Beats come one after the other, so that a life which was over speaks again only where two have the node's key.
struct LedgerLife {
  let life: String
  /// Those before it, the newest at the end.
  var former: [String] = []
  /// When this one began to speak, in milliseconds since 1970.
  var since = 0
  /// What those before it left open is over.
  var isSettled = false

  /// In place of a life, which is of small letters and digits.
  private static let mark = "LIFE"
  static func isLife(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
  }

  static func key(_ node: String) -> ItemKey { LibraryKeys.ledgerLine(node, life: mark, "NEWEST") }

  /// A life that speaks where another did before.
  func followed(by life: String, at now: Int) -> LedgerLife {
    let others = former.filter { !$0.hasSameBytes(as: life) } + [self.life]
    return LedgerLife(life: life, former: others.suffix(50), since: now)
  }
}

extension LedgerLife {
  private enum Key: String, CaseIterable { case life, former, since, settled }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(Key.self, others: .ignored)
    life = try fields.required(.life).string()
    for value in try fields.required(.former).elements() { former.append(try value.string()) }
    since = try fields[.since]?.integer() ?? 0
    isSettled = try fields[.settled]?.bool() ?? false
  }

  var json: [UInt8] {
    JSONWriter.object { json in
      json.field("life", life)
      json.field("former", former)
      json.field("since", since)
      if isSettled { json.field("settled", true) }
    }
  }
}
