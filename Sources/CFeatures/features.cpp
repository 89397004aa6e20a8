// The library behind shim.h: SIFT features and their geometry by OpenCV. `./bootstrap` compiles it; the package does not.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <opencv2/calib3d.hpp>
#include <opencv2/features2d.hpp>

#include "shim.h"

namespace {

constexpr int kBytes = RIDLEY_FEATURES_BYTES;
constexpr int kFailed = -1;
// Fewer say nothing: two pictures share some features by chance.
constexpr int kFewestFeatures = 8;
constexpr size_t kFewestMatches = 6;

// Callers have threads of their own. It is said once: OpenCV makes its pool anew each time, under the feet of whoever is at work.
void useCallersThread() {
  static const bool isSaid = (cv::setNumThreads(1), true);
  (void)isSaid;
}

// Rows of descriptors as unit vectors of square roots (RootSIFT), whose distances tell likeness better than those of the counts.
cv::Mat rooted(const RidleyFeatures &features) {
  cv::Mat rows(features.count, kBytes, CV_32F);
  for (int row = 0; row < features.count; ++row) {
    const uint8_t *from = features.descriptors + static_cast<size_t>(row) * kBytes;
    float *to = rows.ptr<float>(row);
    float sum = 1e-7f;
    for (int i = 0; i < kBytes; ++i) sum += from[i];
    for (int i = 0; i < kBytes; ++i) to[i] = std::sqrt(from[i] / sum);
  }
  return rows;
}

cv::Point2f point(const RidleyFeatures &features, int index) {
  return {features.points[2 * index], features.points[2 * index + 1]};
}

// Which cells of a 4x4 grid over the picture's features hold at least so many of those that count.
uint32_t cells(const RidleyFeatures &features, const std::vector<int> &counting, int least) {
  float right = 1, bottom = 1;
  for (int i = 0; i < features.count; ++i) {
    right = std::max(right, features.points[2 * i]);
    bottom = std::max(bottom, features.points[2 * i + 1]);
  }
  int counts[16] = {};
  for (int index : counting) {
    const cv::Point2f place = point(features, index);
    const int column = std::clamp(static_cast<int>(place.x / right * 4), 0, 3), row = std::clamp(static_cast<int>(place.y / bottom * 4), 0, 3);
    ++counts[4 * row + column];
  }
  uint32_t cells = 0;
  for (int i = 0; i < 16; ++i) cells |= (counts[i] >= least ? 1u : 0u) << i;
  return cells;
}

}  // namespace

#define EXPORT extern "C" __attribute__((visibility("default")))

EXPORT int32_t ridley_features_interface() { return RIDLEY_FEATURES_INTERFACE; }

EXPORT const char *ridley_features_version() { return CV_VERSION; }

EXPORT int32_t ridley_features_detect(
    const uint8_t *gray, int32_t width, int32_t height, int32_t most, float *points, uint8_t *descriptors) {
  try {
    useCallersThread();
    const cv::Mat picture(height, width, CV_8U, const_cast<uint8_t *>(gray));
    std::vector<cv::KeyPoint> found;
    cv::Mat rows;
    cv::SIFT::create(most)->detectAndCompute(picture, cv::noArray(), found, rows);
    // Of several that are equally strong it gives more than were asked for.
    const int count = std::min<int>(most, static_cast<int>(found.size()));
    for (int row = 0; row < count; ++row) {
      points[2 * row] = found[row].pt.x;
      points[2 * row + 1] = found[row].pt.y;
      const float *from = rows.ptr<float>(row);
      // Whole numbers from 0 to 255 already.
      for (int i = 0; i < kBytes; ++i) descriptors[static_cast<size_t>(row) * kBytes + i] = cv::saturate_cast<uint8_t>(from[i]);
    }
    return count;
  } catch (...) {
    return kFailed;
  }
}

EXPORT int32_t ridley_features_align(
    const RidleyFeatures *first, const RidleyFeatures *second, float ratio, double tolerance, RidleyAlignment *alignment) {
  try {
    useCallersThread();
    *alignment = {};
    if (first->count < kFewestFeatures || second->count < kFewestFeatures) return 0;
    std::vector<std::vector<cv::DMatch>> pairs;
    cv::BFMatcher(cv::NORM_L2).knnMatch(rooted(*first), rooted(*second), pairs, 2);
    std::vector<cv::Point2f> from, to;
    std::vector<int> matched, inliers, all(first->count);
    std::iota(all.begin(), all.end(), 0);
    for (const auto &pair : pairs) {
      if (pair.size() < 2 || !(pair[0].distance < ratio * pair[1].distance)) continue;
      matched.push_back(pair[0].queryIdx);
      from.push_back(point(*first, pair[0].queryIdx));
      to.push_back(point(*second, pair[0].trainIdx));
    }
    alignment->matches = static_cast<int32_t>(from.size());
    if (from.size() < kFewestMatches) return 0;
    cv::Mat mask;
    const cv::Mat projection = cv::findHomography(from, to, cv::RANSAC, tolerance, mask);
    if (projection.empty() || mask.empty()) return 0;
    for (size_t i = 0; i < matched.size(); ++i) {
      if (mask.at<uint8_t>(static_cast<int>(i))) inliers.push_back(matched[i]);
    }
    alignment->inliers = static_cast<int32_t>(inliers.size());
    alignment->covered = cells(*first, inliers, 1);
    alignment->textured = cells(*first, all, 4);
    for (int i = 0; i < 9; ++i) alignment->projection[i] = projection.at<double>(i / 3, i % 3);
    return 0;
  } catch (...) {
    return kFailed;
  }
}
