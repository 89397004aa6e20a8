import Base
import Library
import Objects
import TestKit

/// What a test sees of the engines behind the library's back.
extension Ground {
  /// Where something of a text is still found: files of the host `lib`, items of the database, objects of the bucket.
  public func places(with mark: String) throws -> [String] {
    var places = shell(["grep", "-rlaF", mark, folder.file("lib")]).output.split(separator: "\n").map(String.init)
    guard parts == .shared else { return places }
    let server = try PostgreSQLServer.shared.get()
    server.run("CHECKPOINT")
    if server.holds(mark) { places.append("PostgreSQL") }
    let client = try bucket().client
    for key in try keys() {
      let bytes = try client.get(key, 0..<(64 << 20))?.bytes ?? []
      if String(decoding: bytes, as: UTF8.self).contains(mark) { places.append("s3: \(key)") }
    }
    return places
  }

  /// The digests of all objects that the library keeps.
  public func objects() throws -> Set<String> {
    switch parts {
    case .embedded:
      let folder = try ObjectFolder(folder.file("lib/objects"))
      return Set(try ObjectName.shards.flatMap { try folder.list($0) }.map(\.digest))
    case .shared:
      let names = try keys().filter { $0.contains("/objects/") }
      return Set(names.compactMap { $0.split(separator: "/").last.map(String.init) })
    }
  }

  private func keys() throws -> [String] {
    let client = try bucket().client
    var keys: [String] = []
    try client.forEachPage(client.address.prefix + "/", startingAfter: nil) { (page) throws(Fault) in
      keys += page.entries.map(\.key)
      return true
    }
    return keys
  }

  /// Puts other bytes in an object's place, as a disk or a service that errs.
  public func damage(_ digest: String, _ bytes: [UInt8], in library: Library) throws {
    guard let name = ObjectName(digest) else { throw Fault(.bug, "\(digest) is no digest") }
    switch parts {
    case .embedded:
      let file = try library.objects.file(of: name)
      try FileSystem.remove(file)
      try FileSystem.write(bytes, to: file)
    case .shared:
      let bucket = try bucket()
      _ = try bucket.client.put(bucket.key(of: name), bytes)
    }
  }
}
