public import Base
public import Catalog
internal import Crypto
internal import Glibc
internal import Library
internal import ModelHub
internal import Objects

/// Versions as folders, from which they are loaded.
extension ModelRegistry {
  /// Lays a version out as a folder of its own, with its manifest and all files; what is there already stays.
  ///
  /// Every file is held against its digest before the folder is there; faults name the one that is missing or damaged.
  public func lay(_ version: RegisteredVersion, into folder: String) throws(Fault) {
    guard FileSystem.kind(of: "\(folder)/\(Manifest.fileName)") == nil else { return }
    // No version's name, for a server that looks into the folder around it.
    let staging = "\(FileSystem.folder(of: folder))/.\(FileSystem.name(of: folder)).\(getpid()).part"
    FileSystem.removeTree(staging)
    do throws(Fault) {
      for file in version.files { try lay(file.object, file.byteCount, to: "\(staging)/\(file.path)") }
      try lay(version.manifest, nil, to: "\(staging)/\(Manifest.fileName)")
      // A folder with a manifest has everything, also after a loss of power.
      try FileSystem.sync(folder: staging)
      try FileSystem.move(staging, to: folder)
      try FileSystem.sync(folder: FileSystem.folder(of: folder))
    } catch {
      FileSystem.removeTree(staging)
      throw Fault(
        error.kind, "version \(version.number) of '\(version.model)' cannot be laid out: \(error.message)",
        cause: error.cause)
    }
  }

  private func lay(_ object: String, _ byteCount: Int?, to path: String) throws(Fault) {
    guard let name = ObjectName(object), let reader = try library.objects.open(name) else {
      throw Fault(.notFound, "the object \(object) is not there: see 'ridley library verify --bytes'")
    }
    try FileSystem.makeFolder(FileSystem.folder(of: path))
    let sink = try FileSink(path)
    var digest = SHA256()
    var done = 0
    while done < reader.byteCount {
      let block = try reader.read(done..<min(done + Self.blockByteCount, reader.byteCount))
      guard !block.isEmpty else { break }
      digest.update(block)
      try sink.write(block)
      done += block.count
    }
    try sink.finish(syncing: true)
    guard digest.finish() == name.digest, byteCount == nil || byteCount == done else {
      throw Fault(.badInput, "the object \(name.digest) is damaged: see 'ridley library verify --bytes'")
    }
  }

  private static let blockByteCount = 1 << 20
}
