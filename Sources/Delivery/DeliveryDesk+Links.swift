public import Base
public import Catalog
internal import Items
internal import JSON
internal import Library
internal import Store

/// Links to pictures that hold for a while, signed with a key of the library, so that any of its servers answers them.
extension DeliveryDesk {
  private enum Key: String, CaseIterable { case key }

  /// Makes links that begin with `origin` and hold for so many seconds.
  public func signer(origin: String, seconds: Int) throws(Fault) -> LinkSigner {
    LinkSigner(key: try linkKey(), origin: origin, seconds: seconds)
  }

  /// The event of which a link shows a part; the fault is `notFound` where the link is none of ours, or holds no more.
  public func event(
    _ event: String, _ part: LinkSigner.Part, client: String, expires: Int, signature: String
  ) throws(Fault) -> StreamEvent {
    let signer = LinkSigner(key: try linkKey(), origin: "", seconds: 0)
    let isOurs = signer.holds(
      event, part, client: client, expires: expires, signature: signature, at: library.now / 1000)
    guard isOurs else { throw Self.noLink }
    return try library.event(event, client: client, scope: .all)
  }

  /// What is said where a link shows nothing.
  public static let noLink = Fault(.notFound, "there is nothing behind this link, or not any more")

  /// Made once for a library.
  private func linkKey() throws(Fault) -> [UInt8] {
    if let known = linkKeys.update({ $0 }) { return known }
    var random = SystemRandomNumberGenerator()
    let made = Hex.text((0..<32).map { _ in UInt8.random(in: 0...255, using: &random) })
    let body = JSONWriter.object { $0.field("key", made) }
    if try table.get(LibraryKeys.linkKey) == nil {
      _ = try table.write([.put(LibraryKeys.linkKey, body, if: .absent)])
    }
    guard let item = try table.get(LibraryKeys.linkKey) else { throw Fault(.bug, "the key of links is gone") }
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the key of links")
    let text = try document.root.fields(Key.self).required(.key).string()
    guard let bytes = Hex.bytes(text), bytes.count == 32 else { throw Fault(.badInput, "the key of links is damaged") }
    linkKeys.update { $0 = bytes }
    return bytes
  }
}
