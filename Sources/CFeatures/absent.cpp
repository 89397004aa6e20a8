// What Debian's OpenCV asks of libraries that are not brought along: 10 MB of linear algebra, and windows.
//
// Of BLAS it needs products of matrices, which stand here. To LAPACK it turns for matrices of more than some 25 columns only; those of
// features.cpp have 9. Were one called all the same, the exception ends in a failure that callers are told, never in a wrong number.
#include <cstddef>
#include <stdexcept>

extern "C" void ridley_features_absent() { throw std::logic_error("linear algebra of large matrices is not there"); }

namespace {

constexpr int kRowsFirst = 101;
constexpr int kAsItIs = 111;
constexpr int kTurned = 112;

// Where the number of a row and a column of a matrix is, which may be meant with both exchanged.
template <typename T>
struct Operand {
  const T *values;
  ptrdiff_t row, column;

  Operand(const T *values, int turn, int length)
      : values(values), row(turn == kTurned ? 1 : length), column(turn == kTurned ? length : 1) {
    if (turn != kAsItIs && turn != kTurned) ridley_features_absent();
  }

  T at(int i, int j) const { return values[i * row + j * column]; }
};

// C = alpha A B + beta C, as BLAS has it.
template <typename T>
void multiply(int order, int turnA, int turnB, int rows, int columns, int inner, T alpha, const T *a, int lengthA, const T *b, int lengthB,
              T beta, T *c, int lengthC) {
  if (order != kRowsFirst) ridley_features_absent();
  const Operand<T> left(a, turnA, lengthA), right(b, turnB, lengthB);
  for (int i = 0; i < rows; ++i) {
    for (int j = 0; j < columns; ++j) {
      T sum = 0;
      for (int k = 0; k < inner; ++k) sum += left.at(i, k) * right.at(k, j);
      T &place = c[static_cast<ptrdiff_t>(i) * lengthC + j];
      // What stands there counts for nothing where beta is 0, were it not even a number.
      place = alpha * sum + (beta == 0 ? 0 : beta * place);
    }
  }
}

}  // namespace

extern "C" {

void cblas_sgemm(int order, int turnA, int turnB, int rows, int columns, int inner, float alpha, const float *a, int lengthA, const float *b,
                 int lengthB, float beta, float *c, int lengthC) {
  multiply(order, turnA, turnB, rows, columns, inner, alpha, a, lengthA, b, lengthB, beta, c, lengthC);
}

void cblas_dgemm(int order, int turnA, int turnB, int rows, int columns, int inner, double alpha, const double *a, int lengthA, const double *b,
                 int lengthB, double beta, double *c, int lengthC) {
  multiply(order, turnA, turnB, rows, columns, inner, alpha, a, lengthA, b, lengthB, beta, c, lengthC);
}

#define ABSENT(name) void name() __attribute__((alias("ridley_features_absent")));
ABSENT(cblas_cgemm) ABSENT(cblas_zgemm)
ABSENT(sgels_) ABSENT(dgels_) ABSENT(sgesdd_) ABSENT(dgesdd_) ABSENT(sgesv_) ABSENT(dgesv_) ABSENT(sposv_) ABSENT(dposv_)
ABSENT(sgeqrf_) ABSENT(dgeqrf_) ABSENT(spotrf_) ABSENT(dpotrf_) ABSENT(sgetrf_) ABSENT(dgetrf_)

// No function of OpenGL is found.
void *glXGetProcAddressARB() { return nullptr; }
}
