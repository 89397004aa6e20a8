public import Base
public import Vision

/// A manifest together with where its files are on this machine.
///
/// The files stand either all beside the manifest (a model that comes with its weights) or in the store of pulled files.
public struct Model: Sendable {
  public enum State: Sendable, Hashable {
    case ready
    /// Paths of the files that are not here, or have the wrong size.
    case missing([String])
  }

  public let manifest: Manifest
  /// The manifest's folder.
  public let folder: String
  /// The folder that `manifest.files` are relative to; the place they are pulled to while they are missing.
  public let filesFolder: String
  public let state: State
  /// The manifest's recipe with the labels of its label file; without them while that file is missing.
  public let recipe: Recipe
  /// `sha256:…` over everything that decides what the model answers; the same on every machine.
  public let digest: String

  public var name: String { manifest.name }
  public var labels: [String] { recipe.labels }
  public var isReady: Bool { state == .ready }
  /// What the engine opens: a file, or the folder of a SavedModel.
  public var networkPath: String { "\(filesFolder)/\(manifest.network)" }
  public func path(of file: Manifest.File) -> String { "\(filesFolder)/\(file.path)" }

  /// Looks for the files; reads no weights, and no more than the label file.
  public init(_ manifest: Manifest, folder: String, store: String) throws(Fault) {
    let pulled = "\(store)/models/\(manifest.name)"
    let isComplete = manifest.files.allSatisfy { Model.isThere($0, in: folder) }
    filesFolder = isComplete ? folder : pulled
    let missing = isComplete ? [] : manifest.files.filter { !Model.isThere($0, in: pulled) }.map(\.path)
    state = missing.isEmpty ? .ready : .missing(missing)
    (self.manifest, self.folder) = (manifest, folder)
    var recipe = manifest.recipe
    if case .file(let path) = manifest.labels {
      let isListed = manifest.files.contains { $0.path == path }
      if !isListed { recipe.labels = try LabelFile.read("\(folder)/\(path)") }
      if isListed, !missing.contains(path) { recipe.labels = try LabelFile.read("\(filesFolder)/\(path)") }
    }
    self.recipe = recipe
    digest = Model.digest(manifest, recipe)
  }

  /// The file is there and as long as the manifest says.
  static func isThere(_ file: Manifest.File, in folder: String) -> Bool {
    let path = "\(folder)/\(file.path)"
    guard FileSystem.kind(of: path) == .file, let count = try? FileSystem.byteCount(of: path) else { return false }
    return file.byteCount == nil || file.byteCount == count
  }

  /// Reads every file and compares its digest; the first that differs is the fault.
  func verify() throws(Fault) {
    for file in manifest.files { try file.verify(at: path(of: file), from: nil) }
  }
}
