import Base
import Execution
import Features
import Foundation
import Insights
import Media
import TestKit
import Testing

/// Packages in photographs from shops, by geometry alone: what bench/analysers/products measures with embeddings.
@Suite(
  "Real products",
  .enabled(
    if: AnalyserData.isThere && FeatureEngine().isThere, "\(AnalyserData.whyNot), or the library of features is not"))
struct RealProductTests {
  private struct Picture {
    let path: String
    let product: String
    let isPackage: Bool
  }

  private let engine = FeatureEngine()
  private let icons: [Picture]
  private let queries: [Picture]

  init() throws {
    let folder = AnalyserData.path("grocery")
    let lines = { (name: String) in
      try String(contentsOfFile: folder + "/" + name, encoding: .utf8).split(whereSeparator: \.isNewline)
        .map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    }
    icons = try lines("classes.csv").dropFirst().map {
      Picture(path: folder + $0[4], product: $0[1], isPackage: $0[4].contains("/Packages/"))
    }
    let packages = Set(icons.filter(\.isPackage).map(\.product))
    // Every other package and every fifth of the rest: bench/analysers/products looks at all of them.
    queries = try lines("query_4.txt").enumerated().compactMap { number, fields in
      let isPackage = packages.contains(fields[1])
      guard number % (isPackage ? 2 : 5) == 0 else { return nil }
      return Picture(path: folder + "/" + fields[0], product: fields[1], isPackage: isPackage)
    }
  }

  private func features(_ picture: Picture) throws -> LocalFeatures {
    let frame = try #require(try MediaReader(picture.path).next())
    return try engine.detect(in: .local(frame))
  }

  /// Packages alone; without embeddings, so each has the same.
  private func catalogue() throws -> Catalogue {
    var catalogue = Catalogue(model: "none@sha256:0")
    for icon in icons where icon.isPackage {
      let example = Catalogue.Example(
        digest: icon.path, name: icon.path, embedding: [1, 0], features: try features(icon))
      try catalogue.add([example], to: icon.product)
    }
    return catalogue
  }

  @Test("what is proven is right, however alike packages of a brand are, and no fruit is taken for one")
  func proven() throws {
    let matcher = try ProductMatcher(try catalogue(), aligner: engine)
    var (right, wrong, onProduce) = (0, 0, 0)
    for query in queries {
      for instance in try matcher.match(nil, features: features(query)).instances {
        if !query.isPackage {
          onProduce += 1
        } else if instance.product == query.product {
          right += 1
        } else {
          wrong += 1
        }
      }
    }
    #expect(wrong == 0 && onProduce == 0)
    // Measured: 29 of all 83.
    #expect(right >= 10, "\(right) of \(queries.filter(\.isPackage).count) packages are proven")
  }

  @Test("a package that the catalogue does not have is not taken for another of its brand")
  func absent() throws {
    let whole = try catalogue()
    var claims = 0
    for query in queries where query.isPackage {
      var rest = whole
      rest.remove(query.product)
      claims += try ProductMatcher(rest, aligner: engine).match(nil, features: features(query)).instances.count
    }
    // Measured: 2 of all 83.
    #expect(claims <= 2, "\(claims) are")
  }
}
