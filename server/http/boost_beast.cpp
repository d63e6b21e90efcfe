// The one place where Beast's non-template code is compiled.
// Its parser asserts that five bytes are there when it looks at a last chunk again. Of a body that begins
// with its last chunk and comes slowly there may be four, which it parses as it should: no reason to abort a
// debug build.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/src.hpp>
