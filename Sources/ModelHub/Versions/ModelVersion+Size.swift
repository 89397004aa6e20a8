public import Base

extension ModelVersion {
  /// Bytes of all files that it is made of, as far as they are here; `store` is where pulled files stand, and digests of files are kept in `cache`.
  public func byteCount(store: String, cache: String?) throws(Fault) -> Int {
    var places: [String] = []
    if hasManifest {
      let model = try Model(try Manifest.read(path), folder: path, store: store)
      places = model.manifest.files.map { model.path(of: $0) }
    } else {
      places = try Model.files(ofNetwork: try network(), cache: cache).map { "\(path)/\($0.path)" }
    }
    return places.reduce(0) { $0 + ((try? FileSystem.byteCount(of: $1)) ?? 0) }
  }
}
