internal import Base
internal import Items
internal import JSON

/// The body of items that hold a version's number: a model's newest, and that of a digest.
struct RegistryCount {
  let number: Int

  private enum Key: String, CaseIterable { case number }

  init(_ number: Int) { self.number = number }

  init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    number = try document.root.fields(Key.self).required(.number).integer(in: 1 ... .max)
  }

  var json: [UInt8] { JSONWriter.object { $0.field("number", number) } }
}
