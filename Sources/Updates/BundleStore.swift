public import Base
internal import Crypto

/// The versions of a node on its disk, and which of them it serves.
///
///     state.json          which version is served, and which one before it: what decides
///     current             a link to versions/N, which follows the state
///     versions/N/bundle   the signed bundle, with pipelines/NAME.yaml and bin/ridley beside it where there are such
///     blobs/SHA256        what was fetched whole; SHA256.part what is on its way
///
/// A version is whole and on the disk before the state names it, so that whenever the machine ends, what the state says can be served: the old
/// one, or the new. One caller at a time.
public final class BundleStore: Sendable {
  public let folder: String
  let disk: any UpdateDisk

  /// Bytes of the disk that an update leaves free, at most; of a small disk a 64th, a quarter of what recordings leave.
  public static let reserve = 8 << 20

  /// Makes the folder, whose own folder is there.
  public init(_ folder: String, disk: any UpdateDisk = SystemDisk()) throws(Fault) {
    (self.folder, self.disk) = (folder, disk)
    for path in [folder, "\(folder)/versions", "\(folder)/blobs"] { try disk.makeFolder(path) }
    try disk.sync(folder: folder)
    try disk.sync(folder: FileSystem.folder(of: folder))
  }

  private var statePath: String { "\(folder)/state.json" }
  /// What leads to the version that is served.
  public var currentPath: String { "\(folder)/current" }
  func path(of version: Int) -> String { "\(folder)/versions/\(version)" }

  /// Where the node stands.
  public func state() throws(Fault) -> UpdateState {
    guard try disk.byteCount(of: statePath) != nil else { return UpdateState() }
    return try UpdateState(try disk.read(statePath), name: statePath)
  }

  /// Replaces the state, durably, and has the link follow it.
  func write(_ state: UpdateState) throws(Fault) {
    try replace(statePath, state.json)
    try follow(state)
  }

  /// Afterwards the old file stands there or the whole new one, whatever happens.
  private func replace(_ path: String, _ bytes: [UInt8]) throws(Fault) {
    let staging = "\(path).new"
    try disk.create(staging, bytes)
    try disk.sync(file: staging)
    try disk.move(staging, to: path)
    try disk.sync(folder: folder)
  }

  /// Puts the link where the state says, if it is not there.
  private func follow(_ state: UpdateState) throws(Fault) {
    let wanted = state.serving.map { "versions/\($0)" }
    guard try disk.target(ofLink: currentPath) != wanted else { return }
    if let wanted {
      let staging = "\(currentPath).new"
      try disk.remove(staging)
      try disk.pointLink(staging, to: wanted)
      try disk.move(staging, to: currentPath)
    } else {
      try disk.remove(currentPath)
    }
    try disk.sync(folder: folder)
  }

  /// The bundle of a version that is laid out.
  public func bundle(_ version: Int) throws(Fault) -> Bundle {
    try SignedBundle(try disk.read("\(path(of: version))/bundle")).unchecked()
  }

  /// SHA-256 of the signed bundle of a version that is laid out.
  public func digest(of version: Int) throws(Fault) -> String { try disk.digest(of: "\(path(of: version))/bundle") }

  /// The program of the version that is served; `nil` for the one that was installed.
  public func program(of state: UpdateState) throws(Fault) -> String? {
    guard let version = state.serving else { return nil }
    let path = "\(path(of: version))/bin/ridley"
    return try disk.byteCount(of: path) == nil ? nil : path
  }
}

/// From a bundle to a version that is served, and back.
extension BundleStore {
  /// Lays a version out beside the others; afterwards it is whole and on the disk.
  ///
  /// Everything of its program has been fetched. What the bundle does not name is that of the version that is served.
  public func lay(_ signed: SignedBundle, _ bundle: Bundle) throws(Fault) {
    guard try disk.byteCount(of: "\(path(of: bundle.version))/bundle") == nil else { return }
    let old = try state().serving
    if let old, bundle.pipelines == nil, try !hasPipelines(path(of: old)) {
      throw Fault(
        .notFound,
        "the pipelines of update \(old) are lost here, and update \(bundle.version) leaves them as they are: begin one that has them, with --pipelines"
      )
    }
    try lay(signed, bundle, on: old.map { [path(of: $0)] } ?? [])
  }

  /// What the bundle does not name is that of the first of the folders of `old` versions that has it.
  func lay(_ signed: SignedBundle, _ bundle: Bundle, on old: [String]) throws(Fault) {
    let (target, staging) = (path(of: bundle.version), "\(path(of: bundle.version)).part")
    try disk.remove(staging)
    for path in [staging, "\(staging)/pipelines", "\(staging)/bin"] { try disk.makeFolder(path) }
    if let pipelines = bundle.pipelines {
      for pipeline in pipelines {
        try write(Array(pipeline.text.utf8), to: "\(staging)/pipelines/\(pipeline.name).yaml")
      }
    } else if let old = try first(of: old, where: hasPipelines) {
      for name in try disk.list("\(old)/pipelines") {
        try write(try disk.read("\(old)/pipelines/\(name)"), to: "\(staging)/pipelines/\(name)")
      }
    }
    let program = "\(staging)/bin/ridley"
    if let blob = bundle.program?.blob {
      try disk.link(path(of: blob), to: program)
      try disk.makeExecutable(program)
      try disk.sync(file: program)
    } else if let old = try first(of: old, where: hasProgram) {
      try disk.link("\(old)/bin/ridley", to: program)
    }
    try write(signed.bytes, to: "\(staging)/bundle")
    for path in ["\(staging)/pipelines", "\(staging)/bin", staging] { try disk.sync(folder: path) }
    try disk.remove(target)
    try disk.move(staging, to: target)
    try disk.sync(folder: "\(folder)/versions")
  }

  private func first(of folders: [String], where has: (String) throws(Fault) -> Bool) throws(Fault) -> String? {
    for folder in folders where try has(folder) { return folder }
    return nil
  }

  func hasPipelines(_ path: String) throws(Fault) -> Bool { try disk.list(path).contains("pipelines") }

  private func hasProgram(_ path: String) throws(Fault) -> Bool { try disk.byteCount(of: "\(path)/bin/ridley") != nil }

  private func write(_ bytes: [UInt8], to path: String) throws(Fault) {
    try disk.create(path, bytes)
    try disk.sync(file: path)
  }

  /// From now on a version that is laid out is served, on trial.
  ///
  /// `before` is where the aliases of its models point now; `baseline` is what goes well now.
  public func take(
    _ version: Int, before: [UpdateState.AliasPlace], _ baseline: NodeBaseline = NodeBaseline()
  ) throws(Fault) {
    try write(try state().taking(version, before: before, baseline))
  }

  /// Its models are in the registry, and the aliases point to them.
  public func notePlaced() throws(Fault) { try write(try state().placed()) }

  /// The version on trial is kept; what nothing refers to any more goes.
  public func settle() throws(Fault) {
    try write(try state().settled())
    try clean()
  }

  /// Serves what was served before, and says why.
  ///
  /// - Throws: `conflict` where no update is served, or what was before it is gone.
  public func goBack(_ reason: String) throws(Fault) {
    let state = try state()
    guard state.serving != nil, state.hasWayBack else {
      throw Fault(.conflict, "what was served before is not on this node any more, so there is no way back")
    }
    try write(state.back(reason))
  }

  /// The aliases are where they were before what was left.
  public func noteRestored() throws(Fault) { try write(try state().restored()) }

  /// A version is not taken, and not asked for again.
  public func refuse(_ version: Int, _ reason: String) throws(Fault) {
    try write(try state().refusing(version, reason))
  }

  /// A server begins: counts that against a version on trial, and goes back where it began too often.
  ///
  /// Gives where the node stands then; the link is as the state says.
  public func begin() throws(Fault) -> UpdateState {
    let state = try state()
    if let next = state.starting() {
      if next == state { try follow(state) } else { try write(next) }
    } else {
      try goBack("its server did not stay up: it was started \(UpdateState.mostStarts) times within the trial")
    }
    return try self.state()
  }

  /// Takes away what is neither served nor gone back to, and what was fetched for others than `wanted`.
  public func clean(keeping wanted: [Bundle.Blob] = []) throws(Fault) {
    let state = try state()
    let kept = Set([state.serving, state.previous].compactMap { $0.map(String.init) })
    for name in try disk.list("\(folder)/versions") where !kept.contains(name) {
      try disk.remove("\(folder)/versions/\(name)")
    }
    let names = Set(wanted.flatMap { [$0.sha256, "\($0.sha256).part"] })
    for name in try disk.list("\(folder)/blobs") where !names.contains(name) {
      try disk.remove("\(folder)/blobs/\(name)")
    }
  }
}
