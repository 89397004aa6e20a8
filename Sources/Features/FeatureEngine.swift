public import Base
internal import CFeatures
internal import Inference
public import Insights

/// Finds local features and holds pictures against each other; any thread.
public final class FeatureEngine: FeatureAligner {
  private let file: RuntimeFile
  private let library: RuntimeOpener<FeatureLibrary>

  /// A pair of features counts where the nearest is nearer than this times the second.
  private static let ratio: Float = 0.8
  /// Pixels that an inlier may lie beside its place.
  private static let tolerance = 5.0
  /// Longer sides are no pictures to look for features in.
  private static let longestSide = 8192

  public convenience init() { self.init(folders: RuntimeFile.folders("features")) }

  /// Looks for the library in the folders, in their order.
  public init(folders: [String]) {
    file = RuntimeFile("libridley-features.so.", in: folders)
    library = RuntimeOpener(FeatureLibrary.title, file) { (path, _) throws(Fault) in try FeatureLibrary(path) }
  }

  /// OpenCV's version; `nil` where the library is not installed.
  public var installedVersion: String? { file.version }

  /// Whether it is there and does.
  public var isThere: Bool { (try? library.opened()) != nil }

  /// A sentence for a person where products cannot be proven by geometry here.
  public var note: String? {
    do throws(Fault) {
      _ = try library.opened()
      return nil
    } catch { return "products are told by embeddings alone, without proof and place: \(error.message)" }
  }

  /// Features of a grey picture, row by row, the strongest, at most so many.
  ///
  /// - Throws: `unavailable` where there is no library.
  public func detect(_ gray: [UInt8], size: Size, most: Int) throws(Fault) -> LocalFeatures {
    precondition(gray.count == size.area && most > 0, "the bytes must be exactly one picture of the size")
    guard size.width > 0, size.height > 0, max(size.width, size.height) <= Self.longestSide else {
      throw Fault(.tooLarge, "features are looked for in pictures of 1 to \(Self.longestSide) pixels a side")
    }
    let functions = try library.opened().functions
    var points = [Float](repeating: 0, count: 2 * most)
    var descriptors = [UInt8](repeating: 0, count: LocalFeatures.byteCount * most)
    let count = unsafe functions.detect(
      gray, Int32(size.width), Int32(size.height), Int32(most), &points, &descriptors)
    guard count >= 0 else { throw Self.failed("find features in a picture of \(size)") }
    return LocalFeatures(
      size: size, points: Array(points.prefix(2 * Int(count))),
      descriptors: Array(descriptors.prefix(LocalFeatures.byteCount * Int(count))))
  }

  public func align(_ example: LocalFeatures, in picture: LocalFeatures) throws(Fault) -> Alignment {
    let functions = try library.opened().functions
    var result = RidleyAlignment()
    let status = unsafe example.withC { first in
      unsafe picture.withC { second in unsafe functions.align(first, second, Self.ratio, Self.tolerance, &result) }
    }
    guard status == 0 else { throw Self.failed("hold two pictures against each other") }
    let p = result.projection
    let projection = [p.0, p.1, p.2, p.3, p.4, p.5, p.6, p.7, p.8]
    let covered = (result.covered & result.textured).nonzeroBitCount
    return Alignment(
      matches: Int(result.matches), inliers: Int(result.inliers),
      projection: result.inliers > 0 && projection.contains { $0 != 0 } ? projection : [],
      coverage: Double(covered) / Double(max(1, result.textured.nonzeroBitCount)))
  }

  private static func failed(_ task: String) -> Fault { Fault(.exhausted, "\(FeatureLibrary.title) could not \(task)") }
}

extension LocalFeatures {
  /// Lends itself to the library for the call.
  @unsafe
  fileprivate func withC<Result>(_ body: (UnsafePointer<RidleyFeatures>) -> Result) -> Result {
    unsafe points.withUnsafeBufferPointer { points in
      unsafe descriptors.withUnsafeBufferPointer { descriptors in
        var features = unsafe RidleyFeatures(
          count: Int32(points.count / 2), points: points.baseAddress, descriptors: descriptors.baseAddress)
        return unsafe body(&features)
      }
    }
  }
}
