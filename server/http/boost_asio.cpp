// Compiles the part of Asio that is not templates, once for the whole program.
#include <boost/asio/impl/src.hpp>
