internal import Base

extension Model {
  /// A file without an address that its manifest has a command for.
  func makes(_ file: Manifest.File) -> Bool { manifest.make != nil && file.url == nil }

  /// The command that brings its files, for people to run: the manifest's own where one of them has no address, else the pull of `name`.
  ///
  /// The manifest's is told with the path of its program, where that stands beside the folder of models, as in a checkout and where it is
  /// installed.
  public func command(pulling name: String) -> String {
    var wanted = manifest.files
    if case .missing(let paths) = state { wanted = wanted.filter { paths.contains($0.path) } }
    guard let make = manifest.make, wanted.contains(where: makes) else { return "ridley model pull \(name)" }
    let root = FileSystem.folder(of: FileSystem.folder(of: folder))
    let program = String(make.prefix { $0 != " " })
    guard root != ".", FileSystem.kind(of: "\(root)/\(program)") == .file else { return make }
    return "\(root)/\(make)"
  }
}
