public import Base
public import Items
internal import JSON

/// The body of items that name the client of an asset that is not there any more, or is another client's by now.
///
/// Its member is called otherwise than those that indexes take.
public struct FormerClient: Sendable, Hashable {
  /// `nil` in what older programs wrote.
  public let client: String?

  private enum Key: String, CaseIterable { case whose }

  public init(_ client: String) { self.client = client }

  public init(_ item: Item) throws(Fault) {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key)")
    client = try document.root.fields(Key.self, others: .ignored)[.whose]?.string()
  }

  var json: [UInt8] { JSONWriter.object { $0.field("whose", ifKnown: client) } }
}
