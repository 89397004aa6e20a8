public import Base
internal import Objects

/// How far a pull has come.
public struct PullProgress: Sendable, Hashable {
  /// The file that is fetched now.
  public var path: String
  /// Its place among the model's files, from 1.
  public var number: Int
  public var fileCount: Int
  public var received: Int
  /// `nil` until it is known.
  public var total: Int?
}

extension Hub {
  /// Fetches what is missing of a model, and gives back the model, ready.
  ///
  /// A file is fetched beside its place, continued where an earlier attempt broke off, compared in length and digest, and
  /// then moved into place in one step: what stands there is always whole. Files that are there and right, by their digests, are not
  /// fetched again; wrong ones are replaced. Two pulls of one model wait for each other. Blocks its thread: not for the shared pool.
  ///
  /// `mirror` is a folder or web address that is asked instead of the addresses in the manifest. `progress` is called at
  /// least once a second; when it answers `false` the pull stops with the fault `closed`, and can be taken up later.
  public func pull(
    _ name: String, mirror: String? = nil, progress: (PullProgress) -> Bool = { _ in true }
  ) throws(Fault) -> Model {
    let known = try look(name)
    if known.isReady {
      do throws(Fault) { return try known.identified(cache: nil) } catch {
        // What comes with its manifest is put right by its owner.
        guard known.filesFolder != known.folder else { throw error }
      }
    }
    let model = known.pulled(to: store)
    let other: Mirror? = if let mirror { try Mirror(mirror) } else { nil }
    try FileSystem.makeFolder(model.filesFolder)
    let files = model.manifest.files
    let waiting = PullProgress(path: files[0].path, number: 1, fileCount: files.count, received: 0)
    let lock = try FolderLock(model.filesFolder, against: "another pull of the same model") { progress(waiting) }
    for (index, file) in files.enumerated() where !isRight(file, of: model) {
      let fetch = FileFetch(file: file, model: model, mirror: other)
      try fetch.run { (received, total) in
        progress(
          PullProgress(
            path: file.path, number: index + 1, fileCount: files.count, received: received,
            total: total ?? file.byteCount))
      }
    }
    _ = consume lock
    return try find(name).identified(cache: nil)
  }

  private func isRight(_ file: Manifest.File, of model: Model) -> Bool {
    guard Model.isThere(file, in: model.filesFolder) else { return false }
    do throws(Fault) {
      try file.verify(at: model.path(of: file), from: nil)
      return true
    } catch { return false }
  }
}

/// Brings one file of a model into place.
private struct FileFetch {
  let file: Manifest.File
  let model: Model
  let mirror: Mirror?

  private var target: String { model.path(of: file) }
  private var part: String { "\(target).part" }

  func run(_ progress: (Int, Int?) -> Bool) throws(Fault) {
    try FileSystem.makeFolder(FileSystem.folder(of: target))
    let kept = FileSystem.kind(of: part) == .file ? try FileSystem.byteCount(of: part) : 0
    if kept > 0, try isWhole(kept) { return try FileSystem.move(part, to: target) }
    do throws(Fault) {
      try fetch(progress)
      try file.verify(at: part, from: origin)
    } catch {
      guard error.kind == .badInput else { throw error }
      try FileSystem.remove(part)
      // What an earlier attempt left may have been the wrong half: once more from the front.
      guard kept > 0 else { throw Fault(.badInput, "\(error.message); it was removed", cause: error.cause) }
      return try run(progress)
    }
    try FileSystem.move(part, to: target)
  }

  /// An earlier attempt brought everything but did not come to the end; what is too long or wrong is taken away.
  private func isWhole(_ kept: Int) throws(Fault) -> Bool {
    guard let byteCount = file.byteCount, kept >= byteCount else { return false }
    do throws(Fault) {
      try file.verify(at: part, from: nil)
      return true
    } catch {
      try FileSystem.remove(part)
      return false
    }
  }

  private var origin: String {
    if mirror != nil { return "the mirror" }
    return file.url.map { String($0.split(separator: "/").dropFirst().first ?? "") } ?? ""
  }

  private func fetch(_ progress: (Int, Int?) -> Bool) throws(Fault) {
    try refuseWithoutRoom()
    var limits = Download.Limits()
    if let byteCount = file.byteCount { limits.byteCount = byteCount }
    let addresses = try self.addresses()
    for (index, address) in addresses.enumerated() {
      do throws(Fault) {
        return try Download(address, limits: limits).fetch(into: part) { progress($0.received, $0.total) }
      } catch {
        guard error.kind == .notFound, index + 1 < addresses.count else { throw error }
      }
    }
  }

  private func addresses() throws(Fault) -> [String] {
    guard file.sha256 != nil else {
      throw Fault(.notFound, "\(file.path) has no digest to be fetched by: put it at \(model.folder)/\(file.path)")
    }
    if let mirror { return try mirror.addresses(of: file, model: model.name) }
    if let url = file.url { return [url] }
    let place = "\(model.folder)/\(file.path)"
    let way = model.makes(file) ? "run '\(model.command(pulling: model.name))', which makes it" : "put it at \(place)"
    throw Fault(.notFound, "\(file.path) has no public address: \(way), or name a mirror")
  }

  private func refuseWithoutRoom() throws(Fault) {
    guard let byteCount = file.byteCount, let free = try? FileSystem.freeByteCount(in: FileSystem.folder(of: part))
    else { return }
    let kept = FileSystem.kind(of: part) == .file ? try FileSystem.byteCount(of: part) : 0
    guard free < byteCount - kept else { return }
    let place = FileSystem.folder(of: part)
    throw Fault(
      .exhausted, "the disk is full: \(file.path) needs \(byteCount - kept) bytes, \(place) has \(free)")
  }
}
