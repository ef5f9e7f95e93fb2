#include "sdk/program/adapter.h"

int
main(int argc, char **argv)
{
    return adapter_main(argc, argv, "register");
}
