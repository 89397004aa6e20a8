internal import Base
internal import Items
internal import JSON

/// An entry as it waits in a node's library.
struct OutboxEntry {
  var entry: LedgerEntry
  /// Whose contents it has, on the node.
  let client: String

  init(entry: LedgerEntry, client: String) { (self.entry, self.client) = (entry, client) }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    let fields = try document.root.fields(LedgerEntry.Key.self, others: .ignored)
    client = try fields.required(.of).string()
    let body = try fields[.body].map { (value) throws(Fault) in Array(try value.string().utf8) }
    entry = try LedgerEntry(fields, body: body)
  }

  var json: [UInt8] {
    JSONWriter.object(capacity: 512) { json in
      entry.write(into: &json)
      json.field("of", client)
      // As a text, so that it stays what it is byte for byte.
      json.field("body", ifKnown: entry.body.map { String(decoding: $0, as: UTF8.self) })
    }
  }
}
