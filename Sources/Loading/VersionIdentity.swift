public import Base
public import Inference
public import ModelHub

/// A version's folder known by its bytes alone: the network in it is not read as one.
public struct VersionIdentity: Sendable {
  /// `sha256:…` over the manifest's recipe and the files; of a network alone, over its files.
  public let digest: String
  /// By which tuned settings are found.
  private let networkDigest: String
  private let precision: Precision
  private let choice: EngineChoice

  /// `store` is where pulled files stand; digests of files are kept in the engine's folder, and it is asked for nothing else.
  public init(_ version: ModelVersion, store: String, on engine: Engine) throws(Fault) {
    guard !version.hasManifest else {
      let model = try VersionModel.model(version, store, on: engine)
      (digest, networkDigest) = (model.digest, model.networkDigest)
      (precision, choice) = (model.manifest.precision, model.manifest.engine)
      return
    }
    let path = try version.network()
    let files = try Model.files(ofNetwork: path, cache: engine.cacheFolder)
    digest = TensorModel.digest(of: files)
    networkDigest = Model.networkDigest(FileSystem.name(of: path), files)
    (precision, choice) = (.f32, .auto)
  }

  /// As tuned for it on this machine, unless it was said how it shall run.
  public func options(_ said: LoadOptions, by settings: SettingStore?) -> LoadOptions {
    said.tuned(for: networkDigest, precision, choice, by: settings)
  }

  /// What says that it was tried with these options on this machine; they are those of ``options(_:by:)``.
  public func trialMark(_ options: LoadOptions, on engine: Engine) -> TrialMark {
    TrialMark(digest, options, options.precision ?? precision, options.engine ?? choice, on: engine)
  }
}
