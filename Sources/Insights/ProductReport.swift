public import Base

/// The products of a film; times are seconds, places fractions of the upright picture.
public struct ProductReport: Sendable, Hashable {
  /// A product in one frame.
  public struct Sight: Sendable, Hashable {
    public var time: Double
    public var frame: Int
    public var instance: ProductInstance
  }

  public struct Entry: Sendable, Hashable {
    public var id: String
    public var name: String
    public var brand: String?
    public var url: String?
    /// The surest sight.
    public var best: ProductInstance
    public var segments: [ClosedRange<Double>]
    /// How long it is to be seen, gaps left out.
    public var seconds: Double
    /// Part of the time that was looked at.
    public var share: Double
    public var frameCount: Int
    /// The surest sights, the surest first.
    public var sights: [Sight]
  }

  /// The network of the catalogue's embeddings: `NAME@sha256:…`.
  public let model: String
  /// `sha256:…` of the catalogue.
  public let catalogue: String
  /// Frames that were looked at.
  public let frames: Int
  /// The longest to be seen first.
  public let products: [Entry]

  public func write(into json: inout JSONWriter) {
    json.object { json in
      json.array("products") { for entry in products { Self.write(entry, into: &$0) } }
      json.field("model", model)
      json.field("catalogue", catalogue)
      json.field("frames", frames)
    }
  }

  private static func write(_ entry: Entry, into json: inout JSONWriter) {
    json.object { json in
      entry.best.writeMembers(into: &json)
      json.field("name", entry.name)
      json.field("brand", ifKnown: entry.brand)
      json.field("url", ifKnown: entry.url)
      json.array("segments") { json in
        for segment in entry.segments {
          json.object { json in
            json.field("start", segment.lowerBound, digits: 6)
            json.field("end", segment.upperBound, digits: 6)
          }
        }
      }
      json.field("seconds", entry.seconds, digits: 6)
      json.field("share", entry.share)
      json.field("frames", entry.frameCount)
      json.array("best") { json in
        for sight in entry.sights {
          json.object { json in
            json.field("t", sight.time, digits: 6)
            json.field("frame", sight.frame)
            sight.instance.writeMembers(into: &json)
          }
        }
      }
    }
  }
}

extension ProductInstance {
  /// Into an object that is open.
  public func writeMembers(into json: inout JSONWriter) {
    json.field("productId", product)
    json.field("score", Double(score))
    json.field("method", method.rawValue)
    json.field("similarity", Double(similarity))
    json.field("inliers", inliers)
    if let quad {
      json.array("quad") { json in
        for corner in quad.corners {
          json.array { json in
            json.number(corner.x, digits: 5)
            json.number(corner.y, digits: 5)
          }
        }
      }
    }
    json.array("box") { json in
      for value in [box.x, box.y, box.width, box.height] { json.number(value, digits: 5) }
    }
  }
}
