public import Access
public import Base
internal import Catalog
internal import Items
internal import JSON
internal import Store

/// Which sessions of a server were signed out, in its library, for as long as they would be taken.
public struct LibrarySessionStore: SessionStore {
  private let library: Library

  private enum Field: String, CaseIterable { case key }

  public init(_ library: Library) { self.library = library }

  public func revision() throws(Fault) -> String {
    try library.table.get(LibraryKeys.sessionRevision)?.version.text ?? "none"
  }

  public func ended(at date: Int) throws(Fault) -> [EndedSession] {
    var ended: [EndedSession] = []
    try library.table.forEach(LibraryKeys.sessionsBeyond(date)) { (item) throws(Fault) in
      ended.append(try session(item))
    }
    return ended
  }

  public func end(_ session: EndedSession, at date: Int) throws(Fault) {
    let body = JSONWriter.object(capacity: 32) { $0.field("key", session.key) }
    let key = LibraryKeys.session(expires: session.expires, nonce: session.nonce)
    var writes: [Write] = [.put(key, body), .put(LibraryKeys.sessionRevision, JSONWriter.object { _ in })]
    let over = try library.table.items(LibraryKeys.sessionsOver(by: date)).elements
    writes += over.filter { $0.key != key }.map { .delete($0.key) }
    _ = try library.table.write(writes)
  }

  private func session(_ item: Item) throws(Fault) -> EndedSession {
    let document = try JSONDocument(parsing: item.body.span.bytes, name: "the item \(item.key) in \(library.path)")
    let parts = CompositeKey.parts(of: item.key.sort)
    guard parts.count == 2, let expires = CompositeKey.number(of: parts[0]) else {
      throw document.root.fault("this is no place of a session")
    }
    let key = try document.root.fields(Field.self, others: .refused).required(.key).string()
    return EndedSession(key: key, nonce: parts[1], expires: expires)
  }
}
