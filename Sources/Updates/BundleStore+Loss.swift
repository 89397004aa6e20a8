public import Base

/// What the disk lost of the version that is served, and how it comes back.
extension BundleStore {
  /// What of the version that is served does not lie there as it was laid out; `nil` where all does that its bundle tells of.
  ///
  /// Of its program the length is looked at, and nothing of what it has of the version before it but that there is a folder.
  public func loss(of state: UpdateState) -> Fault? {
    guard let version = state.serving else { return nil }
    let folder = path(of: version)
    func lost(_ name: String) -> Fault { Fault(.notFound, "\(folder)/\(name) is gone, or another than was laid out") }
    do throws(Fault) {
      let bundle = try bundle(version)
      guard try hasPipelines(folder) else { return lost("pipelines") }
      for pipeline in bundle.pipelines ?? [] {
        let name = "pipelines/\(pipeline.name).yaml"
        guard try disk.byteCount(of: "\(folder)/\(name)") == pipeline.text.utf8.count,
          try disk.read("\(folder)/\(name)") == Array(pipeline.text.utf8)
        else { return lost(name) }
      }
      if let blob = bundle.program?.blob, try disk.byteCount(of: "\(folder)/bin/ridley") != blob.byteCount {
        return lost("bin/ridley")
      }
      return nil
    } catch { return error.at("\(folder)/bundle") }
  }

  /// Lays the version that is served out anew, whose program, where it has one, was fetched.
  ///
  /// What the bundle does not name is what is left of the version itself, or else of the one before it.
  public func mend(_ signed: SignedBundle, _ bundle: Bundle) throws(Fault) {
    try lay(signed, bundle, on: [bundle.version, try state().previous].compactMap { $0.map(path(of:)) })
  }
}
