import Base
import Features
import Glibc
import Insights

extension Trial {
  func run() throws(Fault) {
    tell("\(icons.count) catalogue pictures, \(support.count) examples, \(queries.count) pictures asked about")
    tell("network \(identity)")
    tell(features.note ?? "OpenCV \(features.installedVersion ?? "")")
    var watch = Stopwatch()
    let icons = try all(self.icons, true)
    let support = try all(self.support, false)
    let asked = try all(queries, true)
    let count = icons.count + support.count + asked.count
    say("a picture decoded, embedded, its features found", Double(watch.nanoseconds) / 1e6 / Double(count), "ms")
    try told("embeddings, catalogue picture alone", try matcher(catalogue(icons, []), nil, 12), asked)
    let catalogue = try catalogue(icons, support)
    try told("embeddings, with 5 examples each", try matcher(catalogue, nil, 12), asked)
    guard features.isThere else { return }
    let packages = try self.catalogue(icons, support) { $0.isPackage }
    for (what, catalogue) in [("packages", packages), ("all", catalogue)] {
      try first("geometry of \(what) first, 12 features", try matcher(catalogue, features, 12), asked)
      try told("geometry of \(what) with embeddings", try matcher(catalogue, features, 15), asked)
    }
    watch = Stopwatch()
    for one in asked { _ = try matcher(catalogue, features, 15).match(one.embedding, features: one.features) }
    say("a picture held against the catalogue", Double(watch.nanoseconds) / 1e6 / Double(asked.count), "ms")
    for count in [5, 10, 20, 40] {
      var settings = ProductSettings()
      settings.candidates = count
      try told("geometry of the \(count) nearest", try ProductMatcher(catalogue, settings, aligner: features), asked)
    }
    for inliers in [12, 15, 20] {
      var settings = ProductSettings()
      (settings.inliers, settings.coverage, settings.clearance) = (inliers, 0, 1)
      let plain = try ProductMatcher(catalogue, settings, aligner: features)
      try claims("\(inliers) features wherever they are", plain, asked)
    }
    try claims("the usual settings", try matcher(catalogue, features, 15), asked)
    try claims("embeddings alone", try matcher(catalogue, nil, 15), asked)
    try open(icons, support, asked)
  }

  private func all(_ pictures: [Picture], _ withFeatures: Bool) throws(Fault) -> [Asked] {
    try pictures.map { (picture) throws(Fault) in try look(picture, withFeatures: withFeatures) }
  }

  private func matcher(
    _ catalogue: Catalogue, _ aligner: (any FeatureAligner)?, _ inliers: Int
  ) throws(Fault) -> ProductMatcher {
    var settings = ProductSettings()
    settings.inliers = inliers
    return try ProductMatcher(catalogue, settings, aligner: aligner)
  }

  /// Which share of pictures has the right product first.
  private func told(_ what: String, _ matcher: ProductMatcher, _ asked: [Asked]) throws(Fault) {
    var (right, rightPackages, packages, fromProduce) = (0, 0, 0, 0)
    let kinds = kinds
    for one in asked {
      let match = try matcher.match(one.embedding, features: one.features)
      let isRight = match.candidates.first?.product == one.picture.product
      right += isRight ? 1 : 0
      packages += one.picture.isPackage ? 1 : 0
      rightPackages += isRight && one.picture.isPackage ? 1 : 0
      let claims = match.instances.contains { $0.method == .geometry && kinds[$0.product] == true }
      fromProduce += claims && !one.picture.isPackage ? 1 : 0
    }
    tell(line(what, right, asked.count, rightPackages, packages, fromProduce))
  }

  /// The same by the plain rule: the product with the most features where those are so many, else the nearest embedding.
  private func first(_ what: String, _ matcher: ProductMatcher, _ asked: [Asked]) throws(Fault) {
    let plain = try ProductMatcher(matcher.catalogue, matcher.settings, aligner: nil)
    var (right, rightPackages, packages, fromProduce) = (0, 0, 0, 0)
    for one in asked {
      let proofs = try matcher.catalogue.products.map { (product) throws(Fault) in
        (product.id, try inliers(product, one))
      }
      let best = proofs.max { $0.1 < $1.1 }!
      let isProven = best.1 >= matcher.settings.inliers
      let nearest = try plain.match(one.embedding, features: nil).candidates.first?.product
      let isRight = (isProven ? best.0 : nearest) == one.picture.product
      right += isRight ? 1 : 0
      packages += one.picture.isPackage ? 1 : 0
      rightPackages += isRight && one.picture.isPackage ? 1 : 0
      fromProduce += isProven && !one.picture.isPackage && kinds[best.0] == true ? 1 : 0
    }
    tell(line(what, right, asked.count, rightPackages, packages, fromProduce))
  }

  private func inliers(_ product: Catalogue.Product, _ one: Asked) throws(Fault) -> Int {
    var most = 0
    for example in product.examples {
      guard let own = example.features, let seen = one.features else { continue }
      most = max(most, try features.align(own, in: seen).inliers)
    }
    return most
  }

  private var kinds: [String: Bool] { Dictionary(uniqueKeysWithValues: icons.map { ($0.product, $0.isPackage) }) }

  private func line(
    _ what: String, _ right: Int, _ count: Int, _ rightPackages: Int, _ packages: Int, _ fromProduce: Int
  ) -> String {
    "\(what): top-1 \(share(right, count)), packages \(share(rightPackages, packages)) of \(packages); packages proven on produce \(fromProduce) of \(count - packages)"
  }

  /// How often something is claimed, and how often that is right.
  private func claims(_ what: String, _ matcher: ProductMatcher, _ asked: [Asked]) throws(Fault) {
    var (proven, provenRight, alike, alikeRight, doubts) = (0, 0, 0, 0, 0)
    for one in asked {
      let match = try matcher.match(one.embedding, features: one.features)
      doubts += match.doubt == nil ? 0 : 1
      for instance in match.instances {
        let right = instance.product == one.picture.product ? 1 : 0
        if instance.method == .geometry {
          (proven, provenRight) = (proven + 1, provenRight + right)
        } else {
          (alike, alikeRight) = (alike + 1, alikeRight + right)
        }
      }
    }
    tell(
      "claims at \(what): proven \(proven), right \(share(provenRight, proven)); alike \(alike), right \(share(alikeRight, alike)); in doubt \(doubts)"
    )
  }

  /// What is claimed of pictures whose product is not in the catalogue: all of it wrong.
  private func open(_ icons: [Asked], _ support: [Asked], _ asked: [Asked]) throws(Fault) {
    var (proven, alike) = (0, 0)
    for one in asked {
      let without = try catalogue(icons, support, without: one.picture.product)
      let match = try matcher(without, features, 15).match(one.embedding, features: one.features)
      if match.instances.contains(where: { $0.method == .geometry }) {
        proven += 1
      } else {
        alike += match.instances.isEmpty ? 0 : 1
      }
    }
    tell(
      "products that are not in the catalogue: of \(asked.count) pictures \(proven) proven wrongly, \(alike) alike wrongly"
    )
  }

  private func share(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "–" : NumberFormat.fixed(Double(part) / Double(whole), 3)
  }

  /// Each line as it comes, where somebody reads along.
  private func tell(_ text: String) {
    print(text)
    fflush(nil)
  }

  private func say(_ what: String, _ value: Double, _ unit: String) {
    tell("\(what): \(NumberFormat.fixed(value, 1)) \(unit)")
  }
}
