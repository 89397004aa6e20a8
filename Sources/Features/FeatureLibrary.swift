internal import Base
internal import CFeatures
internal import Glibc
internal import Inference

/// The library, opened for as long as the program runs.
@safe
final class FeatureLibrary: @unchecked Sendable {  // set once; its functions share nothing
  let functions: RidleyFeatureFunctions

  /// What people call it.
  static let title = "OpenCV for Ridley"

  /// - Throws: `unavailable` where it does not load, or was made for another ridley.
  init(_ path: String) throws(Fault) {
    let handle = unsafe try RuntimeFile.load(path, of: Self.title)
    var functions = RidleyFeatureFunctions()
    if let missing = unsafe ridley_feature_functions(handle, &functions) {
      throw RuntimeFile.unusable(path, of: Self.title, "it has no \(unsafe String(cString: missing))")
    }
    let interface = functions.interface()
    guard interface == RIDLEY_FEATURES_INTERFACE else {
      throw RuntimeFile.unusable(
        path, of: Self.title, "it has interface \(interface), and \(RIDLEY_FEATURES_INTERFACE) is needed")
    }
    self.functions = functions
  }
}
