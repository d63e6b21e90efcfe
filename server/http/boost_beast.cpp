// Compiles the part of Beast that is not templates, once for the whole program.
// Without assertions: Beast's parser asserts that a last chunk has at least five bytes when it parses it
// again. When a slow body begins with its last chunk there may be four. Beast parses them correctly, but the
// assertion would abort a debug build.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/src.hpp>
